import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { createHalyard, httpStore, type HttpStoreTls, memoryStore } from 'halyard';
import { createNodeListener, syncHandler, type SyncOptions } from 'halyard/sync';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { Endings, listen } from '../../ofrep/service.js';
import { shop, token, why } from '../../sync/served.js';
import { temporaryFolder } from '../temporary-folder.js';
import { Authority } from './certificates.js';
import { emptyFlagState } from '../../../src/flags/flag-state.js';

const endings = new Endings();
afterEach(() => endings.run());

if (spawnSync('openssl', ['version']).error === undefined) {
  const { path, remove } = await temporaryFolder();
  afterAll(remove);
  const authority = new Authority(path);
  const ca = authority.cert;
  const server = authority.sign('server', 'IP:127.0.0.1,DNS:flags.internal');
  const client = authority.sign('shop', 'DNS:shop');

  const serve = async (tls: ServerOptions, options: SyncOptions = { token }) => {
    const store = memoryStore(shop);
    const halyard = await createHalyard({ store });
    const listening = createServer(tls, createNodeListener(syncHandler(halyard, options))).listen(0, '127.0.0.1');
    await once(listening, 'listening');
    endings.add(() => listening.close());
    endings.add(() => halyard.close());
    return { store, url: `https://127.0.0.1:${(listening.address() as AddressInfo).port}/halyard` };
  };
  const load = async (url: string, tls?: HttpStoreTls) => {
    const store = httpStore(url, { token, tls });
    endings.add(() => store.close());
    return await store.load();
  };

  describe('TLS', () => {
    it('trusts an authority of one’s own, for flags and for events', async () => {
      const { url, store } = await serve(server);
      const reader = await createHalyard({
        store: httpStore(url, { token, tls: { ca: [Buffer.from(ca)] }, pollMs: 600_000 }),
      });
      endings.add(() => reader.close());
      await store.updateState(() => ({ ...emptyFlagState, kills: new Map([['payments', { at: 0, ...why }]]) }), why);
      await vi.waitFor(() => expect(reader.boolean('payments', true)).toBe(false));
    });

    it('trusts no other, and says what to give', async () => {
      const { url } = await serve(server);
      await expect(load(url)).rejects.toThrow(/its certificate is not trusted: .*give `tls: \{ ca \}`/);
    });

    it('says that the certificate has expired', async () => {
      const { url } = await serve(authority.sign('expired', 'IP:127.0.0.1', -1));
      await expect(load(url, { ca })).rejects.toThrow('its certificate has expired. Renew it there');
    });

    it('wants the address’s name in the certificate, or the one that is given', async () => {
      const named = authority.sign('named', 'DNS:flags.internal');
      const { url } = await serve(named);
      await expect(load(url, { ca })).rejects.toThrow('Is `tls: { servername }` right?');
      expect((await load(url, { ca, servername: 'flags.internal' })).version).toMatch(/^memory/);
    });

    it('shows a certificate of its own, which may be all that is asked for', async () => {
      const authorise = (_request: Request, native: unknown) =>
        (native as { socket: TLSSocket }).socket.getPeerCertificate().subject.CN === 'shop';
      const { url } = await serve({ ...server, ca, requestCert: true, rejectUnauthorized: true }, { authorise });
      expect((await load(url, { ca, ...client })).version).toMatch(/^memory/);
      await expect(load(url, { ca })).rejects.toThrow('it wants a client certificate. Give `tls: { cert, key }`.');
      const other = authority.sign('other', 'DNS:other');
      await expect(load(url, { ca, ...other })).rejects.toThrow('answered 403');
    });

    it('is spoken by one side alone: the error says so', async () => {
      const { url } = await serve(server);
      const plain = httpStore(url.replace('https', 'http'), { token });
      endings.add(() => plain.close());
      await expect(plain.load()).rejects.toThrow('the connection broke off');
      const origin = await listen(endings, (_request, response) => response.end());
      await expect(load(origin.replace('http', 'https'))).rejects.toThrow('it does not speak TLS.');
    });
  });
} else {
  const missing = 'openssl: not on the PATH (Debian: apt-get install openssl)';
  console.warn(missing);
  it.skipIf(process.env['CI'] !== 'true')(missing, () => expect.fail(missing));
}
