import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A key and its certificate, in PEM. */
export interface Identity {
  readonly key: string;
  readonly cert: string;
}

/** What `openssl` makes in a folder: an authority of the tests' own, which others sign for. */
export class Authority {
  readonly cert: string;
  readonly #folder: string;

  constructor(folder: string, name = 'authority') {
    this.#folder = folder;
    this.#openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
    );
    this.cert = this.#read('ca.pem');
  }

  /**
   * @param hosts what it may be called, such as `IP:127.0.0.1` or `DNS:flags.internal`
   * @param days how long it is valid; below 0 it has expired
   */
  sign(name: string, hosts: string, days = 2): Identity {
    writeFileSync(join(this.#folder, 'names'), `subjectAltName=${hosts}\n`);
    this.#openssl(
      'req',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
    );
    this.#openssl(
      'x509',
      '-req',
      '-days',
      String(days),
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-extfile',
      'names',
      '-out',
      `${name}.pem`,
    );
    return { key: this.#read(`${name}.key`), cert: this.#read(`${name}.pem`) };
  }

  #openssl(...parameters: readonly string[]): void {
    execFileSync('openssl', parameters, { cwd: this.#folder, stdio: 'ignore' });
  }

  #read(name: string): string {
    return readFileSync(join(this.#folder, name), 'utf8');
  }
}
