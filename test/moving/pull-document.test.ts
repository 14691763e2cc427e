import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  type FlagDocument,
  type FlagStore,
  fileStore,
  formatProblem,
  memoryStore,
  pullDocument,
  pushDocument,
} from 'halyard';
import { redisStore } from 'halyard/stores/redis';
import { afterEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { flagDocument } from '../flags/arbitraries.js';
import { openClient } from '../stores/redis/clients.js';
import { redisCli } from '../stores/redis/redis-server.js';
import { withRedis } from '../stores/redis/with-redis.js';
import { temporaryFolder } from '../stores/temporary-folder.js';
import { emptyFlagState } from '../../src/flags/flag-state.js';

const why = { by: 'ana', reason: 'because' };

const yaml = '# The shop.\nversion: 1\nflags:\n  b: { rollout: 10 } # ramps up\n\n  a: {}\n';

const json = '{"flags": {"a": {"serve": "off"}},\n "version": 1}';

let cleanUp: (() => unknown)[] = [];

afterEach(async () => {
  const steps = cleanUp.toReversed();
  cleanUp = [];
  for (const step of steps) await step();
});

const storeOn = async (...texts: readonly string[]): Promise<FlagStore> => {
  const folder = await temporaryFolder();
  cleanUp.push(folder.remove);
  const paths = texts.map((_, index) => join(folder.path, `${index}.yaml`));
  for (const [index, path] of paths.entries()) await writeFile(path, texts[index] ?? '');
  return fileStore(paths);
};

describe('pullDocument', () => {
  it('gives the one text that the store keeps, to the letter, with state and version', async () => {
    for (const [text, format] of [
      [yaml, 'yaml'],
      [json, 'json'],
      [`\uFEFF${yaml}`, 'yaml'],
    ] as const) {
      const store = await storeOn(text);
      const { state } = (await store.updateState?.(
        () => ({ ...emptyFlagState, kills: new Map([['a', { at: 1_000, by: 'ana', reason: 'x' }]]) }),
        why,
      ))!;
      const { version } = await store.load();
      expect(await pullDocument(store)).toEqual({ text, format, state, version, warnings: [] });
      expect((await pullDocument(store, { format })).text).toBe(text);
    }
  });

  it('gives a broken text, too, for whoever mends it', async () => {
    expect((await pullDocument(await storeOn('flags: [ # why?'))).text).toBe('flags: [ # why?');
    await expect(pullDocument(await storeOn('flags: ['), { format: 'json' })).rejects.toThrow('0.yaml:1:');
  });

  it('writes one well-formed YAML where there are several texts or none, in the usual order', async () => {
    const document = {
      segments: { staff: { email: ['a@example.com'] } },
      flags: {
        zebra: {
          rollout: 10,
          rules: [{ serve: 'on', when: { segment: 'staff' } }],
          kind: 'release',
          'x-y': 1,
          owner: 'x',
        },
        a: {},
        variants: { split: { b: 1, a: 1 }, description: 'long '.repeat(30), offVariant: 'b', variants: { b: 1, a: 2 } },
      },
      'x-mine': [null],
      version: 1,
    } as unknown as FlagDocument;
    expect((await pullDocument(memoryStore(document))).text).toBe(`version: 1
flags:
  zebra:
    kind: release
    owner: x
    rules:
      - serve: on
        when: { segment: staff }
    rollout: 10
    x-y: 1

  a: {}

  variants:
    description: "${'long '.repeat(30)}"
    variants: { b: 1, a: 2 }
    offVariant: b
    split: { b: 1, a: 1 }
segments:
  staff: { email: [a@example.com] }
x-mine: [null]
`);
  });

  it('merges overlays, and names the comments that are lost', async () => {
    const store = await storeOn(yaml, 'flags: { b: { rollout: 1 } } # careful\n');
    const { text, format, warnings } = await pullDocument(store);
    expect(format).toBe('yaml');
    expect(parse(text)).toEqual({ version: 1, flags: { b: { rollout: 1 }, a: {} } });
    expect(warnings.map(formatProblem).map((line) => line.replace(/^.*\//, ''))).toEqual([
      '0.yaml:1:1: warning: this comment and 1 more are not taken over.',
      '1.yaml:1:30: warning: this comment is not taken over.',
    ]);
  });

  it('turns YAML into JSON and JSON into YAML, if asked to', async () => {
    const pulled = await pullDocument(await storeOn(yaml), { format: 'json' });
    expect(JSON.parse(pulled.text)).toEqual({ version: 1, flags: { b: { rollout: 10 }, a: {} } });
    expect(pulled.warnings).toHaveLength(1);
    expect((await pullDocument(await storeOn(json), { format: 'yaml' })).text).toBe(
      'version: 1\nflags:\n  a: { serve: off }\n',
    );
  });

  it('refuses options that cannot be meant', async () => {
    await expect(pullDocument(memoryStore(), { format: 'toml' } as never)).rejects.toThrow(
      'pullDocument: option `format`: expected "yaml" or "json", found "toml".',
    );
  });
});

describe('what is pulled', () => {
  const bringsBack = async (store: FlagStore, format?: 'yaml' | 'json'): Promise<void> => {
    const before = await store.load();
    const { text } = await pullDocument(store, format === undefined ? {} : { format });
    const result = await pushDocument(store, { name: 'pulled', text }, why);
    expect(result).toMatchObject({ difference: [], added: [], changed: [], removed: [] });
    if (store.pushDocument !== undefined && format !== undefined) return;
    expect(result).toMatchObject({ isChanged: false, version: before.version });
    expect(await store.load()).toEqual(before);
  };

  it('changes nothing when it is pushed into memory again, whatever it says', async () => {
    await fc.assert(
      fc.asyncProperty(flagDocument(), async (document) => {
        for (const format of ['yaml', 'json'] as const) await bringsBack(memoryStore(document), format);
      }),
      // Each writes and reads a document several times.
      { numRuns: 30 },
    );
  });

  it('changes nothing when it is pushed into files again', async () => {
    for (const texts of [[yaml], [json], [yaml, 'flags: { b: { rollout: 1 }, c: {} }\n']]) {
      for (const format of [undefined, 'yaml', 'json'] as const) await bringsBack(await storeOn(...texts), format);
    }
  });
});

await withRedis((url) => {
  it('is in Redis what it was, comments and all', async () => {
    const { client, end } = await openClient['node-redis 6'](url);
    const prefix = `halyard-test-${randomBytes(6).toString('hex')}`;
    const store = redisStore(client, { prefix });
    const keys = ['flags', 'kills', 'history'].map((name) => `{${prefix}:default}:${name}`);
    cleanUp.push(
      () => redisCli(url, 'del', ...keys),
      end,
      () => store.close(),
    );
    const dry = await pushDocument(store, { name: 'flags.yaml', text: yaml }, { ...why, dryRun: true });
    expect(dry).toMatchObject({ added: ['b', 'a'], version: undefined });
    const { version } = await pushDocument(store, { name: 'flags.yaml', text: yaml }, why);
    const pulled = await pullDocument(store);
    expect(pulled).toMatchObject({ text: yaml, version });
    const again = await pushDocument(store, { name: 'pulled', text: pulled.text }, why);
    expect(again).toMatchObject({ isChanged: false, version, warnings: [] });
  });
});
