import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  differenceOf,
  type FlagDocument,
  FlagDocumentError,
  type FlagStore,
  fileStore,
  formatProblem,
  memoryStore,
  pushDocument,
  type StoredFlags,
  VersionConflictError,
} from 'halyard';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { BucketStore } from '../../examples/own-store/bucket-store.js';
import { type LocalBucket, openLocalBucket } from '../../examples/own-store/local-bucket.js';
import { temporaryFolder } from '../stores/temporary-folder.js';
import { emptyFlagState } from '../../src/flags/flag-state.js';

const why = { by: 'deploy 1234', reason: 'release 5.1' };

const base = `# The flags of the shop.
version: 1
flags:
  # Nobody knows why.
  new-checkout:
    rollout: 10 # ramps up
  payments: { kind: operational }
`;

const production = `# Production only.
flags:
  new-checkout: { rollout: 1 } # careful
  search: {}
`;

describe('pushDocument', () => {
  let folder: string;
  let bucket: LocalBucket;
  let cleanUp: (() => unknown)[];

  beforeEach(async () => {
    const temporary = await temporaryFolder();
    folder = temporary.path;
    bucket = await openLocalBucket();
    cleanUp = [temporary.remove, () => bucket.close()];
  });

  afterEach(async () => {
    for (const step of cleanUp.toReversed()) await step();
  });

  /** A store that keeps texts. */
  const textStore = (): BucketStore => {
    const store = new BucketStore(bucket.urlOf('flags'));
    cleanUp.push(() => store.close());
    return store;
  };

  const write = async (name: string, text: string): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, text);
    return path;
  };

  describe('into a store that keeps texts', () => {
    it('takes one file to the letter, also as the first one', async () => {
      const store = textStore();
      const result = await pushDocument(store, await write('flags.yaml', base), why);
      expect(textOf(await store.load())).toBe(base);
      expect(result).toEqual({
        isChanged: true,
        version: (await store.load()).version,
        difference: [
          { path: 'flags.new-checkout', after: { rollout: 10 } },
          { path: 'flags.payments', after: { kind: 'operational' } },
        ],
        added: ['new-checkout', 'payments'],
        changed: [],
        removed: [],
        keptState: [],
        warnings: [],
      });
      expect((await store.history())[0]).toMatchObject(why);
    });

    it('makes one text of several files, with the comments of the first, and names what is lost', async () => {
      const store = textStore();
      const files = [await write('flags.yaml', base), await write('flags.production.yaml', production)];
      const { warnings } = await pushDocument(store, files, why);
      expect(textOf(await store.load())).toBe(`${base.replace('10 #', '1 #')}  search: {}\n`);
      expect(warnings.map(formatProblem)).toEqual([
        `${files[1]}:1:1: warning: this comment and 1 more are not taken over.`,
      ]);
    });

    it('takes a text in place of a file', async () => {
      const store = textStore();
      await pushDocument(store, { name: 'made', text: base }, why);
      expect(textOf(await store.load())).toBe(base);
    });

    it('makes no version of what is there already', async () => {
      const store = textStore();
      const path = await write('flags.yaml', base);
      const first = await pushDocument(store, path, why);
      const second = await pushDocument(store, path, why);
      expect(second).toMatchObject({ isChanged: false, version: first.version, difference: [], added: [] });
      expect(await store.history()).toHaveLength(1);
    });

    it('takes a text that differs in its comments alone', async () => {
      const store = textStore();
      await pushDocument(store, { name: 'a', text: base }, why);
      const dry = await pushDocument(store, { name: 'a', text: `${base}# end\n` }, { ...why, dryRun: true });
      const result = await pushDocument(store, { name: 'a', text: `${base}# end\n` }, why);
      expect([dry, result]).toMatchObject([
        { isChanged: true, difference: [] },
        { isChanged: true, difference: [] },
      ]);
      expect(textOf(await store.load())).toBe(`${base}# end\n`);
    });

    it('replaces a broken one', async () => {
      const store = textStore();
      const contents = { version: 'by-hand:1', text: 'flags: [', state: { kills: {} }, history: [] };
      await fetch(bucket.urlOf('flags'), { method: 'PUT', body: JSON.stringify(contents) });
      const { added } = await pushDocument(store, { name: 'a', text: base }, why);
      expect(added).toEqual(['new-checkout', 'payments']);
      expect(textOf(await store.load())).toBe(base);
    });

    it('respects how large a document may be, also when several make one', async () => {
      const store = textStore();
      const half = (key: string): string => `version: 1\nflags:\n  ${key}: { description: ${'x'.repeat(600_000)} }\n`;
      const files = [await write('a.yaml', half('a')), await write('b.yaml', half('b'))];
      await expect(pushDocument(store, files, why)).rejects.toThrow('the text has 1.2 MB, allowed are 1 MB');
      const large = await write('c.yaml', half('c') + half('d'));
      await expect(pushDocument(store, large, why)).rejects.toThrow(
        'c.yaml: is too large: 1200082 bytes, allowed are 1000000',
      );
      const text = { name: 'd', text: half('c') + half('d') };
      await expect(pushDocument(store, text, why)).rejects.toThrow('d: the text has 1.2 MB');
      expect(await store.history()).toEqual([]);
    });
  });

  describe('into a store that takes documents', () => {
    it('changes what is different, and says that comments are not taken over', async () => {
      const store = memoryStore({
        version: 1,
        flags: { 'new-checkout': { rollout: 5 }, payments: { kind: 'operational' } },
      });
      const { difference, changed, warnings } = await pushDocument(store, { name: 'flags.yaml', text: base }, why);
      expect(difference).toEqual([{ path: 'flags.new-checkout.rollout', before: 5, after: 10 }]);
      expect(changed).toEqual(['new-checkout']);
      expect(warnings.map(formatProblem)).toEqual([
        'flags.yaml:1:1: warning: this comment and 2 more are not taken over.',
      ]);
      expect((await store.history())[0]).toMatchObject({ ...why, difference });
    });

    it('keeps the comments of a file, and warns only of others', async () => {
      const path = await write('flags.yaml', base);
      const next = base.replace('10', '25').replace('knows', 'asks');
      const { warnings } = await pushDocument(fileStore(path), { name: 'next', text: next }, why);
      expect(warnings.map(formatProblem)).toEqual(['next:4:3: warning: this comment is not taken over.']);
      expect(textOf(await fileStore(path).load())).toBe(base.replace('10', '25'));
    });

    it('makes no version of what says the same', async () => {
      const store = memoryStore({ version: 1, flags: { b: { rollout: 5, owner: 'x' }, a: {} } });
      const before = await store.load();
      const text = 'version: 1\nflags: { a: {}, b: { owner: x, rollout: 5 } }';
      expect(await pushDocument(store, { name: 'a', text }, why)).toMatchObject({
        isChanged: false,
        version: before.version,
      });
    });

    it('does not overwrite a file that is broken', async () => {
      const path = await write('flags.yaml', 'flags: [ # mine');
      await expect(pushDocument(fileStore(path), { name: 'a', text: base }, why)).rejects.toThrow('flags.yaml:1:');
      expect(await readFile(path, 'utf8')).toBe('flags: [ # mine');
    });

    it('says where a store with several files can not say it', async () => {
      const files = [await write('flags.yaml', base), await write('flags.production.yaml', production)];
      const store = fileStore(files);
      const removing = pushDocument(store, { name: 'a', text: production.replace('flags', 'version: 1\nflags') }, why);
      await expect(removing).rejects.toThrow(/flags.payments is said in .*flags.yaml/);
    });
  });

  it('goes by what the text says in a store that takes texts and keeps rows', async () => {
    const rows = memoryStore();
    let pushes = 0;
    const store: FlagStore = {
      name: 'rows',
      refuses: 'flags',
      load: () => rows.load(),
      pushDocument: (text, options) => {
        pushes += 1;
        return rows.update(() => parse(text) as FlagDocument, options);
      },
      close: () => rows.close(),
    };
    const first = await pushDocument(store, { name: 'a', text: base }, why);
    expect(first.warnings).toHaveLength(1);
    const text = base.replace('knows', 'asks');
    const dry = await pushDocument(store, { name: 'a', text }, { ...why, dryRun: true });
    const again = await pushDocument(store, { name: 'a', text }, why);
    expect(dry).toEqual(again);
    expect(again).toMatchObject({ isChanged: false, version: first.version, difference: [] });
    expect(again.warnings).toHaveLength(1);
    expect(pushes).toBe(1);
  });

  describe('flags that go', () => {
    const left: FlagDocument = { version: 1, flags: { 'new-checkout': {} } };

    it('are named, and what the state says of them, which stays', async () => {
      const store = textStore();
      await pushDocument(store, { name: 'a', text: base }, why);
      await store.updateState(
        () => ({
          ...emptyFlagState,
          kills: new Map([['payments', { at: 1_000, by: 'ana', reason: 'provider down' }]]),
        }),
        why,
      );
      const source = { name: 'b', text: JSON.stringify(left) };
      const dry = await pushDocument(store, source, { ...why, dryRun: true });
      expect(dry).toMatchObject({ removed: ['payments'], keptState: ['state.kills.payments'], isChanged: true });
      const result = await pushDocument(store, source, { ...why, expectedVersion: dry.version! });
      expect(result).toMatchObject({ removed: ['payments'], keptState: ['state.kills.payments'] });
      expect((await store.load()).state.kills.has('payments')).toBe(true);
    });
  });

  describe('a dry run', () => {
    it('writes nothing and tells what the real run does', async () => {
      for (const store of [textStore(), memoryStore({ version: 1, flags: { gone: {} } })]) {
        if (store instanceof BucketStore) await store.pushDocument('version: 1\nflags: { gone: {} }', why);
        const before = await store.load();
        const dry = await pushDocument(store, { name: 'a', text: base }, { ...why, dryRun: true });
        expect(dry.version).toBe(before.version);
        expect(await store.load()).toEqual(before);
        const { version, ...rest } = await pushDocument(store, { name: 'a', text: base }, why);
        expect(version).not.toBe(before.version);
        expect(dry).toEqual({ ...rest, version: before.version });
      }
    });

    it('tells what the first push does', async () => {
      const dry = await pushDocument(textStore(), { name: 'a', text: base }, { ...why, dryRun: true });
      expect(dry).toMatchObject({ isChanged: true, version: undefined, added: ['new-checkout', 'payments'] });
      await expect(textStore().load()).rejects.toThrow('there is no document');
    });
  });

  describe('errors', () => {
    it('are all named with their places before anything is written', async () => {
      const store = memoryStore({ version: 1, flags: { a: {} } });
      const { version } = await store.load();
      const files = [
        await write('flags.yaml', 'version: 1\nflags:\n  a: { rolout: 5 }\n'),
        await write('flags.production.yaml', 'flags:\n\n  b: { rollout: ten }\n'),
      ];
      const pushing = pushDocument(store, files, why);
      await expect(pushing).rejects.toThrow(FlagDocumentError);
      await expect(pushing).rejects.toThrow('flags.yaml:3:8 flags.a.rolout: unknown key. Did you mean `rollout`?');
      await expect(pushing).rejects.toThrow('flags.production.yaml:3:8 flags.b.rollout: expected');
      await expect(pushDocument(store, { name: 'x', text: 'flags: [' }, { ...why, dryRun: true })).rejects.toThrow(
        'x:1:',
      );
      await expect(pushDocument(store, join(folder, 'missing.yaml'), why)).rejects.toThrow('missing.yaml: not found');
      expect((await store.load()).version).toBe(version);
    });

    it('tell warnings where there are no errors', async () => {
      const text = `${base}segments: { unused: { beta: true } }\n`;
      const { warnings } = await pushDocument(textStore(), { name: 'a', text }, why);
      expect(warnings.map(formatProblem)).toEqual(['a:8:13 segments.unused: warning: no rule uses this segment.']);
    });

    it('name what can not be meant', async () => {
      const store = memoryStore();
      const source = { name: 'a', text: base };
      await expect(pushDocument(store, source, { by: 'ana' } as never)).rejects.toThrow(
        'pushDocument: option `reason` is missing: why.',
      );
      await expect(pushDocument(store, source, { ...why, dryrun: true } as never)).rejects.toThrow(
        'Did you mean `dryRun`?',
      );
      await expect(pushDocument(store, [], why)).rejects.toThrow('pushDocument: expected at least one flag file');
      await expect(pushDocument(store, '', why)).rejects.toThrow('found "".');
      await expect(pushDocument(store, 5 as never, why)).rejects.toThrow('found 5.');
      const reader: FlagStore = {
        name: 'reader',
        refuses: 'whole',
        load: () => store.load(),
        close: () => store.close(),
      };
      await expect(pushDocument(reader, source, why)).rejects.toThrow('pushDocument: reader can only be read.');
    });
  });

  describe('with others who write', () => {
    it('rejects with both sides if another version was expected', async () => {
      const store = memoryStore({ version: 1, flags: { a: {} } });
      const { version: expectedVersion } = await store.load();
      const found = await store.update((document) => ({ ...document, flags: { theirs: {} } }), why);
      for (const dryRun of [true, false]) {
        const pushing = pushDocument(store, { name: 'a', text: base }, { ...why, expectedVersion, dryRun });
        await expect(pushing).rejects.toThrow(VersionConflictError);
        await expect(pushing).rejects.toMatchObject({ expected: expectedVersion, found: found.version, stored: found });
      }
      expect((await store.load()).version).toBe(found.version);
    });

    it('leaves it to a person to merge, who has both sides', async () => {
      const store = memoryStore({ version: 1, flags: { a: { rollout: 5 } } });
      const mine = await store.load();
      await store.update((document) => ({ ...document, flags: { a: { rollout: 10 } } }), why);
      const state = { ...emptyFlagState, kills: new Map([['a', { at: 1_000, by: 'ben', reason: 'x' }]]) };
      await store.updateState(() => state, why);
      const pushing = pushDocument(store, { name: 'a', text: base }, { ...why, expectedVersion: mine.version });
      const conflict = await pushing.then(undefined, (error: unknown) => error as VersionConflictError);
      expect(differenceOf(mine, (conflict as VersionConflictError).stored)).toEqual([
        { path: 'flags.a.rollout', before: 5, after: 10 },
        { path: 'state.kills.a', after: { at: '1970-01-01T00:00:01.000Z', by: 'ben', reason: 'x' } },
      ]);
    });

    it('comes after them if none was, and tells the difference from what they wrote', async () => {
      const store = memoryStore({ version: 1, flags: { a: {} } });
      let loads = 0;
      const busy: FlagStore = {
        name: 'busy',
        refuses: 'whole',
        load: async () => {
          const stored = await store.load();
          loads += 1;
          if (loads <= 2) await store.update((document) => ({ ...document, flags: { [`theirs-${loads}`]: {} } }), why);
          return stored;
        },
        update: (change, options) => store.update(change, options),
        close: () => store.close(),
      };
      const { removed } = await pushDocument(busy, { name: 'a', text: base }, why);
      expect(removed).toEqual(['theirs-2']);
      expect((await store.history())[0]?.difference[0]).toEqual({ path: 'flags.theirs-2', before: {} });
    });

    it('does not take a store that is away for an empty one', async () => {
      const store = textStore();
      await bucket.close();
      cleanUp.splice(1, 1);
      await expect(pushDocument(store, { name: 'a', text: base }, why)).rejects.toThrow('fetch failed');
    });
  });
});

function textOf({ document }: StoredFlags): string | undefined {
  return (document as readonly { text: string }[])[0]?.text;
}
