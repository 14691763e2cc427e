import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Authority } from '../stores/http/certificates.js';
import { Testbed } from '../stores/postgres/testbed.js';
import { withPostgres } from '../stores/postgres/with-postgres.js';
import { withRedis } from '../stores/redis/with-redis.js';
import { halyardIn } from './halyard-command.js';

const files = {
  'flags.yaml': 'version: 1\nflags: { payments: {} }\n',
  'watched.yaml': `version: 1
flags:
  search:
    rollout:
      stages: [{ percentage: 5, minutes: 1 }, { percentage: 100 }]
      checks: { maxErrorRate: 0.01, cooldownMinutes: 60 }
`,
};

/** What is told on stderr, and the exit code. */
async function failing(line: string, env: Readonly<Record<string, string>> = {}): Promise<readonly [number, string]> {
  const { err, exitCode } = await halyardIn(files, { env }).run(...line.split(' '));
  return [exitCode, err];
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

/** A place that answers each request with a status. */
async function answering(status: number): Promise<string> {
  const server = createHttpServer((_, response) => response.writeHead(status, { 'content-type': 'text/html' }).end());
  return `http://127.0.0.1:${await listening(server)}/flags`;
}

describe('an error speaks of the command line', () => {
  it.each([
    ['https://localhost/flags?x=1', {}, 'A token goes into HALYARD_TOKEN.'],
    ['https://localhost/flags', { HALYARD_TOKEN: 'a b' }, 'HALYARD_TOKEN: expected a text without white space, found'],
    ['http://flags.internal/x', { HALYARD_TOKEN: 'secret' }, '--store: the token in HALYARD_TOKEN would go to'],
    ['redis://localhost/shop', {}, 'expected the number of a database after redis://HOST/, found shop.'],
    ['redis://localhost?prefx=shop', {}, '--store: unknown parameter `prefx`. Did you mean `prefix`?'],
    ['redis://localhost?env=staging', {}, '--store: unknown parameter `env`. Did you mean `environment`?'],
    ['postgres://localhost/x?environmnt=staging', {}, 'Did you mean `environment`?'],
  ])('about the address %s', async (address, env, message) => {
    const [exitCode, err] = await failing(`list --store ${address}`, env);
    expect(err).toContain(message);
    expect(err).not.toMatch(/allowHttp|httpStore|\{ token \}|a function/);
    expect(exitCode).toBe(2);
  });

  it('about a token', async () => {
    const [, none] = await failing(`list --store ${await answering(401)}`);
    expect(none).toContain('answered 401. It wants to know who asks: put a token into HALYARD_TOKEN.');
    const [, wrong] = await failing(`list --store ${await answering(403)}`, { HALYARD_TOKEN: 'wrong' });
    expect(wrong).toContain('answered 403. The token in HALYARD_TOKEN is not one that it accepts.');
  });

  it.each([
    [404, 'no flags are served there. Is the path right? Usually it is /halyard.'],
    [200, 'answered 200 with text/html, where flags come as application/x-ndjson.'],
  ])('about an address that answers %i', async (status, message) => {
    const [exitCode, err] = await failing(`list --store ${await answering(status)}`);
    expect(err).toContain(message);
    expect(exitCode).toBe(3);
  });

  it('about certificates', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'halyard-cli-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const identity = new Authority(folder).sign('flags', 'DNS:flags.internal');
    const port = await listening(createHttpsServer(identity, (_, response) => response.end()));
    const [, err] = await failing(`list --store https://127.0.0.1:${port}/flags`);
    expect(err).toContain('name the file with its certificate in NODE_EXTRA_CA_CERTS.');
  });

  it.each([
    ['enable payments --reason ', "option '-r, --reason <why>' argument '' is invalid. Expected a text"],
    ['enable payments --by ', "option '--by <who>' argument '' is invalid. Expected a text"],
    ['push flags.yaml --store other.yaml --by ', "option '--by <who>' argument '' is invalid. Expected a text"],
    ['push flags.yaml --store other.yaml --expected-version ', "option '--expected-version <version>' argument '' is"],
    ['kill payments --reason x --for 99999d', '--for, in seconds: expected a number above 0'],
    ['kill bad! --create --reason x', `halyard: "bad!" can't be a flag's key.`],
  ])('about the option: %s', async (line, message) => {
    const [exitCode, err] = await failing(line);
    expect(err).toContain(message);
    expect(exitCode).toBe(2);
  });

  it('about a Prometheus', async () => {
    const ask = (url: string, selector = 'job="shop"'): Promise<readonly [number, string]> =>
      failing(`list --prometheus ${url} --selector ${selector}`);
    expect(await ask('http://localhost:9090', '{}')).toEqual([2, expect.not.stringContaining("{ job: 'shop'")]);
    expect((await ask('http://localhost:9090', 'x'))[1]).toContain('--selector: expected label matchers, found');
    expect((await ask('http://localhost:9090?a=b'))[1]).toContain('A user and a password may stand before the host.');
    expect((await ask('http://127.0.0.1:1'))[1]).toContain('Is it up, and the address right?');
    expect((await ask(await answering(401)))[1]).toContain('a user and a password may stand in the address');
  });

  it('about a watched rollout', async () => {
    const { run } = halyardIn(files);
    const steer = async (option: string): Promise<string> =>
      (await run('rollout', 'search', option, '--store', 'watched.yaml')).err;
    expect(await steer('--pause')).toContain(
      '--pause needs one that is running, and it is not begun. --restart begins it',
    );
    await steer('--restart');
    await steer('--rollback');
    expect(await steer('--restart')).toMatch(/it rests until \S+\. To start it all the same: --force\.$/m);
  });

  it('about a version that is not there any more', async () => {
    const [exitCode, err] = await failing('disable payments --expected-version old');
    expect([exitCode, err]).toEqual([4, expect.stringContaining('Look at it again, and repeat the command.')]);
  });

  it('that lacks a targeting key', async () => {
    const { out } = await halyardIn({ 'flags.yaml': 'version: 1\nflags: { a: { rollout: 5 } }\n' }).run('eval', 'a');
    expect(out).toContain('The evaluation context has no targeting key. Say who asks: --unit ID');
  });
});

await withRedis((url) => {
  it('an error of Redis speaks of the command line', { timeout: 60_000 }, async () => {
    expect(await failing(`list --store ${url}?prefix=halyard-test-nothing`)).toEqual([
      3,
      expect.stringMatching(/there is no document in Redis .*\. Put the first one there: halyard push FILES\n$/),
    ]);
    expect(await failing(`list --store ${url}?prefix=a{b`)).toEqual([
      2,
      expect.stringContaining('--store: parameter `prefix` of the address: expected'),
    ]);
  });
});

await withPostgres((url) => {
  const bed = new Testbed(url);
  const at = (schema: string): string => `${url}${url.includes('?') ? '&' : '?'}schema=${schema}`;

  it('an error of PostgreSQL speaks of the command line', { timeout: 60_000 }, async () => {
    const schema = bed.schema();
    expect((await failing(`list --store ${at(schema)}`))[1]).toMatch(
      /is not there; this Halyard needs version \d+\. Make it: halyard push FILES --migrate\n$/,
    );
    await failing(`push flags.yaml --migrate --store ${at(schema)}`);
    expect((await failing(`list --store ${at(schema)}&environment=staging`))[1]).toMatch(
      /there is no document .*\. Put the first one there: halyard push FILES\n$/,
    );
    expect(await failing(`list --store ${at('A')}`)).toEqual([
      2,
      expect.stringContaining('--store: parameter `schema` of the address: expected'),
    ]);
    expect(await failing(`list --store ${at(schema)}`, { HALYARD_AUDIT_KEY: 'short' })).toEqual([
      2,
      expect.stringContaining('HALYARD_AUDIT_KEY: expected a text of at least 32 characters, found'),
    ]);
  });
});
