import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createHalyard } from '../../src/create-halyard.js';
import { redisStore } from '../../src/stores/redis/redis-store.js';
import { Testbed } from '../stores/postgres/testbed.js';
import { withPostgres } from '../stores/postgres/with-postgres.js';
import { openClient } from '../stores/redis/clients.js';
import { redisCli } from '../stores/redis/redis-server.js';
import { withRedis } from '../stores/redis/with-redis.js';
import { type HalyardCommand, halyardIn } from './halyard-command.js';

const flags = `version: 1
flags:
  new-checkout: { rollout: 10 } # ramps up
  payments: { kind: operational }
`;

/** `halyard` with a store at this address. */
const shopAt = (address: string, env: Readonly<Record<string, string>> = {}): HalyardCommand =>
  halyardIn({ 'flags.yaml': flags }, { env: { HALYARD_BY: 'ana', HALYARD_STORE: address, ...env }, now: Date.now });

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

await withRedis((url) => {
  let cleanUp: (() => unknown)[] = [];

  afterEach(async () => {
    const steps = cleanUp.toReversed();
    cleanUp = [];
    for (const step of steps) await step();
  });

  const newPrefix = (): string => {
    const prefix = `halyard-test-${randomBytes(6).toString('hex')}`;
    const keys = ['flags', 'kills', 'history', 'fleet'].map((key) => `{${prefix}:default}:${key}`);
    cleanUp.push(() => redisCli(url, 'del', ...keys));
    return prefix;
  };

  describe('halyard on Redis', () => {
    it('pushes into an empty one, changes it, and pulls it back', async () => {
      const { run } = shopAt(`${url}?prefix=${newPrefix()}`);
      expect((await run('push', 'flags.yaml', '--dry-run')).out).toContain('2 flags added');
      expect((await run('push', 'flags.yaml')).out).toContain('+ new-checkout');
      expect((await run('rollout', 'new-checkout', '25')).exitCode).toBe(0);
      expect((await run('pull')).out).toBe(flags.replace('10', '25'));
      expect((await run('disable', 'paymets')).err).toContain('Did you mean `payments`?');
      const told = JSON.parse((await run('history', '--json')).out) as { readonly version: string }[];
      await run('revert', told[0]?.version ?? '', '--before');
      expect((await run('pull')).out).toBe(flags);
    });

    it('kills before there is a document', async () => {
      const { run } = shopAt(`${url}?prefix=${newPrefix()}`);
      expect(await run('kill', 'payments', '--reason', 'INC-42', '--dry-run')).toMatchObject({ exitCode: 0 });
      expect(await run('kill', 'payments', '--reason', 'INC-42')).toMatchObject({ exitCode: 0 });
      await run('push', 'flags.yaml');
      expect((await run('list')).out).toMatch(/payments\s+killed/);
    });

    it('waits until every instance serves a kill, and exits with 5 and names those that do not', async () => {
      const prefix = newPrefix();
      const { run } = shopAt(`${url}?prefix=${prefix}`);
      expect(await run('push', 'flags.yaml', '--wait')).toMatchObject({
        exitCode: 0,
        err: expect.stringMatching(/^No instance reports to .*: none was waited for\.\n$/) as string,
      });
      const { client, end } = await openClient['node-redis 6'](url);
      cleanUp.push(end);
      const store = redisStore(client, { prefix });
      const halyard = await createHalyard({ store, logger: silent, fleet: { host: 'shop-1', reportMs: 200 } });
      cleanUp.push(() => halyard.close());
      expect(await run('kill', 'payments', '--reason', 'INC-42', '--wait', '20')).toMatchObject({
        exitCode: 0,
        err: 'The only instance serves it.\n',
      });
      expect(halyard.boolean('payments', true)).toBe(false);

      const deaf = { id: 'deaf', host: 'shop-2', pid: 7, startedAt: Date.now(), version: 'old:1' };
      await store.fleet?.report(deaf, 60_000);
      const { exitCode, err, out } = await run('restore', 'payments', '--wait', '0.5', '--json');
      expect(exitCode).toBe(5);
      expect(err).toContain('shop-2');
      // The other one may not serve it yet, either.
      const missing: unknown = expect.arrayContaining([expect.objectContaining({ host: 'shop-2' })]);
      expect(JSON.parse(out)).toMatchObject({ isChanged: true, missing });
    });
  });
});

await withPostgres((url) => {
  const bed = new Testbed(url);
  const auditKey = 'k'.repeat(32);

  const addressOf = (schema: string): string => {
    const address = new URL(url);
    address.searchParams.set('schema', schema);
    return address.href;
  };

  describe('halyard on PostgreSQL', () => {
    it('says how an empty database gets its tables, and makes them', async () => {
      const { run } = shopAt(addressOf(bed.schema()));
      expect(await run('push', 'flags.yaml')).toMatchObject({
        exitCode: 3,
        err: expect.stringContaining('Make it: halyard push FILES --migrate'),
      });
      expect((await run('push', 'flags.yaml', '--migrate')).out).toContain('2 flags added');
      expect((await run('kill', 'payments', '--reason', 'INC-42')).exitCode).toBe(0);
      expect((await run('list')).out).toMatch(/payments\s+killed/);
      expect((await run('disable', 'paymets')).err).toContain('Did you mean `payments`?');
      expect((await run('pull')).out).toContain('rollout: 10');
    });

    it('lets the first of two writers win where both expect a version', async () => {
      const { run } = shopAt(addressOf(bed.schema()));
      const { version } = JSON.parse((await run('push', 'flags.yaml', '--migrate', '--json')).out) as {
        readonly version: string;
      };
      const both = await Promise.all([
        run('disable', 'payments', '--expected-version', version),
        run('rollout', 'new-checkout', '20', '--expected-version', version),
      ]);
      expect(both.map(({ exitCode }) => exitCode).sort()).toEqual([0, 4]);
    });

    it('verifies the audit trail, and names the first entry that was altered', async () => {
      const schema = bed.schema();
      const { run, cwd } = shopAt(addressOf(schema), { HALYARD_AUDIT_KEY: auditKey });
      await run('push', 'flags.yaml', '--migrate');
      await run('disable', 'payments');
      const good = await run('audit', 'verify', '--json');
      expect(good).toMatchObject({ exitCode: 0, err: '' });
      expect(JSON.parse(good.out)).toMatchObject({ isIntact: true, sealedUpTo: 2, head: { sequence: 2 } });
      writeFileSync(join(cwd, 'head.json'), good.out);
      await run('enable', 'payments');
      expect((await run('audit', 'verify', '--head', 'head.json')).out).toContain('is intact.');
      for (const wrong of [
        'null',
        '{ "head": { "sequence": 0, "digest": "x" } }',
        '{ "sequence": 2, "digest": "x" }',
      ]) {
        writeFileSync(join(cwd, 'wrong.json'), wrong);
        expect(await run('audit', 'verify', '--head', 'wrong.json')).toMatchObject({
          exitCode: 2,
          err: expect.stringContaining('--head: wrong.json: expected the answer of') as string,
        });
      }

      await bed.sql(
        `SET search_path = ${schema}; ALTER TABLE audit DISABLE TRIGGER USER;
         UPDATE audit SET content = replace(content, 'ana', 'bob') WHERE sequence = 2`,
      );
      const altered = await run('audit', 'verify');
      expect(altered.exitCode).toBe(1);
      expect(altered.out).toContain('Entry 2 of the audit trail was altered');
    });
  });
});
