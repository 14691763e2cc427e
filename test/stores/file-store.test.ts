import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import {
  appendFile,
  chmod,
  mkdir,
  readFile,
  readdir,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import type { FlagDocument } from '../../src/flags/flag-document.js';
import { parseFlagDocumentText } from '../../src/flags/flag-document-text.js';
import type { FlagState, Kill } from '../../src/flags/flag-state.js';
import { type FileStoreOptions, fileStore } from '../../src/stores/file-store.js';
import {
  type FlagStore,
  type WritableFlagStore,
  type SourceText,
  type StoredFlags,
  VersionConflictError,
} from '../../src/stores/flag-store.js';
import { holdsTheContract } from '../contracts/store.js';
import { temporaryFolder } from './temporary-folder.js';

for (const name of ['flags.yaml', 'flags.json']) {
  holdsTheContract(`fileStore with ${name}`, {
    create: async (document) => {
      const folder = await temporaryFolder();
      const text = name.endsWith('.json') ? JSON.stringify(document, undefined, 2) : stringify(document);
      await writeFile(join(folder.path, name), text);
      return folder;
    },
    open: ({ path }) => fileStore(join(path, name)),
    remove: (folder) => folder.remove(),
    replaceText: ({ path }, text) => writeFile(join(path, name), text),
    empty: async ({ path }) => {
      for (const file of await readdir(path)) await rm(join(path, file));
    },
    keepsLeases: true,
    openEnvironment: async ({ path }, document) => {
      const other = join(path, `staging-${name}`);
      await writeFile(other, JSON.stringify(document));
      return fileStore(other);
    },
  });
}

describe('fileStore', () => {
  let folder: string;
  let path: string;
  let cleanUp: (() => unknown)[];

  beforeEach(async () => {
    const temporary = await temporaryFolder();
    folder = temporary.path;
    path = join(folder, 'flags.yaml');
    cleanUp = [temporary.remove];
    await writeFile(path, document(10));
  });

  afterEach(async () => {
    for (const step of cleanUp.toReversed()) await step();
  });

  const open = (paths: string | readonly string[] = path, options?: FileStoreOptions): WritableFlagStore => {
    const store = fileStore(paths, options);
    cleanUp.push(() => store.close());
    return store;
  };

  /** Watches from the content of now on. */
  const watch = async (store: FlagStore): Promise<ReturnType<typeof vi.fn>> => {
    await store.load().catch(() => undefined);
    const onChange = vi.fn();
    store.watch?.(onChange);
    return onChange;
  };

  const expectText = (store: FlagStore, text: string): Promise<void> =>
    vi.waitFor(async () => expect(textsOf(await store.load())).toEqual([text]), patience);

  describe('options', () => {
    it('names the store after its paths', () => {
      expect(open('flags.yaml').name).toBe('file:flags.yaml');
      expect(open(['a.yaml', 'b.yaml']).name).toBe('file:a.yaml,b.yaml');
    });

    it('refuses options that cannot be meant', () => {
      expect(() => fileStore([])).toThrow('paths must name at least one file');
      expect(() => fileStore(undefined as never)).toThrow(
        'fileStore: expected the path of a flag file, or a list of paths, found undefined.',
      );
      expect(() => fileStore('')).toThrow('found "".');
      expect(() => fileStore(path, { pollMs: 0 })).toThrow(
        'fileStore: option `pollMs`: expected a number of milliseconds above 0, of at most 24 days, found 0.',
      );
      expect(() => fileStore(path, { maxBytes: Number.NaN })).toThrow(
        'fileStore: option `maxBytes`: expected a number of bytes above 0, found NaN.',
      );
      expect(() => fileStore(path, { state: path })).toThrow("can't be the state");
    });

    it('reads nothing before it is asked to', () => {
      expect(open(join(folder, 'missing.yaml')).name).toContain('missing.yaml');
    });
  });

  describe('loading', () => {
    it('gives the texts under the names that were given', async () => {
      const overlay = join(folder, 'flags.production.yaml');
      await writeFile(overlay, document(50));
      const { document: texts, version } = await open([path, overlay]).load();
      expect(texts).toEqual([
        { name: path, text: document(10) },
        { name: overlay, text: document(50) },
      ]);
      expect(version).toMatch(/^[0-9a-f]{12}:0$/);
    });

    it('has the same version for the same content in another place', async () => {
      const copy = join(folder, 'copy.yaml');
      await writeFile(copy, document(10));
      expect((await open(copy).load()).version).toBe((await open().load()).version);
    });

    it.each([
      ['a missing file', () => join(folder, 'missing.yaml'), 'not found'],
      ['a file in a missing folder', () => join(folder, 'no', 'missing.yaml'), 'not found'],
      ['a file below a file', () => join(path, 'flags.yaml'), 'a part of the path is a file'],
      ['a directory', () => folder, 'is a directory'],
      ['a device', () => '/dev/null', 'not a file'],
      ['other bytes than UTF-8', async () => written(Buffer.from([0x66, 0xff, 0xfe])), 'is not UTF-8'],
      [
        'a file above the limit',
        async () => written(Buffer.alloc(2_000, 0x23)),
        'is too large: 2000 bytes, allowed are 1000',
      ],
    ])('says what is wrong with %s', async (_what, make, message) => {
      const wrong = await make();
      const loading = open(wrong, { maxBytes: 1_000 }).load();
      await expect(loading).rejects.toThrow(message);
      await expect(loading).rejects.toThrow(wrong);
    });

    it.skipIf(process.getuid?.() === 0)('says that there is no permission (root is always permitted)', async () => {
      await chmod(path, 0o000);
      await expect(open().load()).rejects.toThrow('no permission');
    });

    const written = async (bytes: Buffer): Promise<string> => {
      await writeFile(path, bytes);
      return path;
    };
  });

  describe('watching', () => {
    const rows: readonly [string, () => Promise<void>][] = [
      ['a write in place', () => writeFile(path, document(20))],
      ['a write in place of the same length', () => writeFile(path, document(99))],
      ['an atomic replacement', () => replaceFile(path, document(20))],
      [
        "an editor's dance: the old file becomes a backup, a new one appears",
        async () => {
          await rename(path, `${path}~`);
          await writeFile(path, document(20));
          await rm(`${path}~`);
        },
      ],
      [
        'a replaced folder',
        async () => {
          await rename(folder, `${folder}-old`);
          cleanUp.push(() => rm(`${folder}-old`, { recursive: true, force: true }));
          await mkdir(folder);
          await writeFile(path, document(20));
        },
      ],
    ];
    it.each(rows)('notices %s', async (_what, change) => {
      const store = open();
      const onChange = await watch(store);
      await change();
      await vi.waitFor(() => expect(onChange).toHaveBeenCalled(), patience);
      await expectText(store, await readFile(path, 'utf8'));
    });

    it('notices one change after another', async () => {
      const store = open();
      const onChange = await watch(store);
      for (let rollout = 20; rollout < 25; rollout += 1) {
        onChange.mockClear();
        await (rollout % 2 === 0 ? replaceFile(path, document(rollout)) : writeFile(path, document(rollout)));
        await vi.waitFor(() => expect(onChange).toHaveBeenCalled(), patience);
        await expectText(store, document(rollout));
      }
    });

    it('notices a folder that Kubernetes swaps, soon and again', async () => {
      const mount = join(folder, 'mount');
      await mkdir(join(mount, '..1'), { recursive: true });
      await writeFile(join(mount, '..1', 'flags.yaml'), document(1));
      await symlink('..1', join(mount, '..data'));
      await symlink('..data/flags.yaml', join(mount, 'flags.yaml'));
      const store = open(join(mount, 'flags.yaml'), { pollMs: 60_000, state: join(folder, 'flags.state.json') });
      const onChange = await watch(store);
      for (const generation of [2, 3]) {
        onChange.mockClear();
        await mkdir(join(mount, `..${generation}`));
        await writeFile(join(mount, `..${generation}`, 'flags.yaml'), document(generation));
        await replaceLink(join(mount, '..data'), `..${generation}`);
        await rm(join(mount, `..${generation - 1}`), { recursive: true });
        await vi.waitFor(() => expect(onChange).toHaveBeenCalled(), patience);
        await expectText(store, document(generation));
      }
    });

    it('notices a release folder that is switched by a link', async () => {
      for (const release of ['1', '2']) {
        await mkdir(join(folder, release));
        await writeFile(join(folder, release, 'flags.yaml'), document(Number(release)));
      }
      await symlink('1', join(folder, 'current'));
      const store = open(join(folder, 'current', 'flags.yaml'), { pollMs: 60_000 });
      const onChange = await watch(store);
      await replaceLink(join(folder, 'current'), '2');
      await vi.waitFor(() => expect(onChange).toHaveBeenCalled(), patience);
      await expectText(store, document(2));
    });

    it('notices deletion and return', async () => {
      const store = open();
      const onChange = await watch(store);
      await rm(path);
      await vi.waitFor(() => expect(onChange).toHaveBeenCalled(), patience);
      await expect(store.load()).rejects.toThrow('not found');
      onChange.mockClear();
      await writeFile(path, document(10));
      await vi.waitFor(() => expect(onChange).toHaveBeenCalled(), patience);
      await expectText(store, document(10));
    });

    it('notices a file that appears later, in a folder that appears later', async () => {
      const later = join(folder, 'later', 'flags.yaml');
      const store = open(later);
      const onChange = await watch(store);
      await mkdir(dirname(later));
      await writeFile(later, document(5));
      await vi.waitFor(() => expect(onChange).toHaveBeenCalled(), patience);
      await expectText(store, document(5));
    });

    it('notices the rest of a file that is written in pieces', async () => {
      const store = open();
      const onChange = await watch(store);
      const text = document(75);
      await truncate(path, 0);
      await appendFile(path, text.slice(0, 20));
      await vi.waitFor(() => expect(onChange).toHaveBeenCalled(), patience);
      onChange.mockClear();
      await appendFile(path, text.slice(20));
      await vi.waitFor(() => expect(onChange).toHaveBeenCalled(), patience);
      await expectText(store, text);
    });

    it('notices a kill that is written into the state file by hand', async () => {
      const store = open();
      const onChange = await watch(store);
      await store.updateState(withKill('a'), why);
      await vi.waitFor(() => expect(onChange).toHaveBeenCalled(), patience);
      onChange.mockClear();
      const file = join(folder, 'flags.state.json');
      await writeFile(file, (await readFile(file, 'utf8')).replace('"a"', '"b"'));
      await vi.waitFor(() => expect(onChange).toHaveBeenCalled(), patience);
      expect([...(await store.load()).state.kills.keys()]).toEqual(['b']);
    });

    it('tells nothing of a file that was only touched, nor of its neighbours', async () => {
      const store = open(path, { pollMs: 20 });
      const onChange = await watch(store);
      await utimes(path, new Date(), new Date());
      await writeFile(join(folder, 'other.yaml'), 'x');
      await writeFile(path, document(10));
      // Something that is told, so that what came before would have been told by now.
      await delayedBy(200);
      expect(onChange).not.toHaveBeenCalled();
    });

    it('notices by looking, where the system reports nothing', async () => {
      const store = open(path, { pollMs: 20 });
      await rm(path);
      await symlink('/proc/self/fd/NaN', path);
      const onChange = await watch(store);
      await replaceFile(path, document(33));
      await vi.waitFor(() => expect(onChange).toHaveBeenCalled(), patience);
    });

    const delayedBy = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

    it('does not keep the process alive', { timeout: 60_000 }, () => {
      const script = join(import.meta.dirname, 'watch-and-end.ts');
      const output = execFileSync(tsx, [script, path], { encoding: 'utf8', timeout: 30_000 });
      expect(output.trim()).toBe('loaded');
    });
  });

  describe('changing', () => {
    it('keeps comments, and touches only what changes', async () => {
      const store = open();
      await store.update((old) => ({ ...old, flags: { a: { rollout: 25 } } }), why);
      expect(await readFile(path, 'utf8')).toBe(document(25));
    });

    it('keeps the mode of the file, and a link a link', async () => {
      const real = join(folder, 'real.yaml');
      await rename(path, real);
      await symlink('real.yaml', path);
      await chmod(real, 0o640);
      await open().update(rolledOut(25), why);
      expect(await readFile(real, 'utf8')).toBe(document(25));
      expect((await stat(real)).mode & 0o777).toBe(0o640);
      expect(await readdir(folder)).toEqual(['flags.audit.jsonl', 'flags.state.json', 'flags.yaml', 'real.yaml']);
    });

    it('writes nothing when nothing changes', async () => {
      const store = open();
      const before = await store.load();
      expect(await store.update((same) => same, why)).toEqual(before);
      expect(await store.updateState((same) => same, why)).toEqual(before);
      expect(await readdir(folder)).toEqual(['flags.yaml']);
    });

    it('changes a flag in the overlay that provides it', async () => {
      const overlay = join(folder, 'flags.production.yaml');
      await writeFile(overlay, document(50));
      await open([path, overlay]).update(rolledOut(60), why);
      expect(await readFile(path, 'utf8')).toBe(document(10));
      expect(await readFile(overlay, 'utf8')).toBe(document(60));
      expect(await readdir(folder)).toContain('flags.production.state.json');
    });

    it('runs the change again after an edit that came in between', async () => {
      const store = open();
      let runs = 0;
      const stored = await store.update((old) => {
        runs += 1;
        if (runs === 1) writeFileSync(path, `${document(10)}  b: {}\n`);
        return rolledOut(25)(old);
      }, why);
      expect(runs).toBe(2);
      expect(textsOf(stored)).toEqual([`${document(25)}  b: {}\n`]);
    });

    it('rejects after an edit that came in between, if a version was expected', async () => {
      const store = open();
      const { version: expectedVersion } = await store.load();
      const update = store.update(
        (old) => {
          writeFileSync(path, document(11));
          return rolledOut(25)(old);
        },
        { ...why, expectedVersion },
      );
      await expect(update).rejects.toThrow(VersionConflictError);
      expect(await readFile(path, 'utf8')).toBe(document(11));
    });

    it('keeps kills when a deploy replaces the document', async () => {
      const store = open();
      await store.updateState(withKill('a'), why);
      await replaceFile(path, document(100));
      const { state, version } = await store.load();
      expect([...state.kills.keys()]).toEqual(['a']);
      expect(version).toMatch(/:1$/);
    });

    it.each([
      ['broken', () => writeFile(path, 'flags: [}')],
      ['missing', () => rm(path)],
    ])('kills while the document is %s', async (_what, spoil) => {
      const store = open();
      await spoil();
      const { state } = await store.updateState(withKill('a'), why);
      expect(state.kills.has('a')).toBe(true);
      await writeFile(path, document(10));
      expect((await open().load()).state.kills.has('a')).toBe(true);
    });

    it('writes a file in place that cannot be replaced, as when it is mounted', async (context) => {
      if (!mount(path)) return context.skip('needs the right to mount');
      const store = open();
      const onChange = await watch(store);
      await store.update(rolledOut(25), why);
      expect(await readFile(path, 'utf8')).toBe(document(25));
      await vi.waitFor(() => expect(onChange).toHaveBeenCalled(), patience);
      expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    });

    it('says so in a folder that is read-only, where loading and watching go on', async (context) => {
      if (!mount(folder, 'ro')) return context.skip('needs the right to mount');
      const store = open();
      const onChange = await watch(store);
      await expect(store.updateState(withKill('a'), why)).rejects.toThrow('the file system is read-only');
      await expect(store.update(rolledOut(25), why)).rejects.toThrow('the file system is read-only');
      unmount(folder);
      await writeFile(path, document(20));
      await vi.waitFor(() => expect(onChange).toHaveBeenCalled(), patience);
    });

    it('keeps the state elsewhere, for a document in a folder that is read-only', async (context) => {
      const mounted = join(folder, 'mounted');
      await mkdir(mounted);
      await writeFile(join(mounted, 'flags.yaml'), document(10));
      if (!mount(mounted, 'ro')) return context.skip('needs the right to mount');
      const store = open(join(mounted, 'flags.yaml'), { state: join(folder, 'app.state.json') });
      await store.updateState(withKill('a'), why);
      expect((await store.load()).state.kills.has('a')).toBe(true);
      expect(await store.history()).toHaveLength(1);
      await expect(store.update(rolledOut(25), why)).rejects.toThrow('read-only');
      expect((await store.load()).version).toMatch(/:1$/);
    });

    it('removes what writers left behind long ago', async () => {
      const leftover = join(folder, '.flags.yaml.0123456789ab.tmp');
      const fresh = join(folder, '.flags.yaml.ba9876543210.tmp');
      await writeFile(leftover, 'half a docu');
      await writeFile(fresh, 'half a docu');
      await utimes(leftover, new Date(0), new Date(0));
      await open().update(rolledOut(25), why);
      expect(existsSync(leftover)).toBe(false);
      expect(existsSync(fresh)).toBe(true);
    });

    it('loses nothing when two processes write at once', { timeout: 60_000 }, async () => {
      const script = join(import.meta.dirname, 'write-flags.ts');
      await Promise.all(['left', 'right'].map((name) => run(tsx, [script, path, name, '10'])));
      const { state } = await open().load();
      expect(state.kills.size).toBe(20);
      expect(await open().history()).toHaveLength(20);
      expect((await readFile(path, 'utf8')).match(/: \{ rollout: /g)).toHaveLength(20);
    });

    it('leaves whole files behind when it is killed half way', { timeout: 60_000 }, async () => {
      const store = open();
      for (const name of ['first', 'second', 'third']) {
        const { version } = await store.load();
        const writer = spawn(process.execPath, [
          '--import',
          'tsx',
          join(import.meta.dirname, 'write-flags.ts'),
          path,
          name,
          '10000',
        ]);
        cleanUp.push(() => writer.kill('SIGKILL'));
        await vi.waitFor(async () => expect((await store.load()).version).not.toBe(version), patience);
        writer.kill('SIGKILL');
        await once(writer, 'exit');
        const { state } = await store.updateState(withKill(`after-${name}`), why);
        expect(state.kills.has(`${name}-0`)).toBe(true);
        expect(parseFlagDocumentText(await store.load().then(sourcesOf)).problems).toEqual([]);
      }
    });

    /** Mounts a path on itself; whether the system lets us. */
    const mount = (target: string, mode: 'rw' | 'ro' = 'rw'): boolean => {
      try {
        execFileSync('mount', ['--bind', target, target], { stdio: 'ignore' });
      } catch {
        return false;
      }
      cleanUp.push(() => unmount(target));
      if (mode === 'ro') execFileSync('mount', ['-o', 'remount,bind,ro', target], { stdio: 'ignore' });
      return true;
    };

    const unmount = (target: string): void => {
      try {
        execFileSync('umount', ['--lazy', target], { stdio: 'ignore' });
      } catch {
        // It is unmounted already.
      }
    };
  });

  describe('the lock', () => {
    const lock = (): string => join(folder, 'flags.state.json.lock');

    it('is taken over from a process that is dead', async () => {
      const store = open();
      await store.updateState(withKill('a'), why);
      const owner = { pid: await deadPid(), host: await hostOfLocks(), token: 'x', at: Date.now() };
      await writeFile(lock(), JSON.stringify(owner));
      // A writer waits for less time than it takes until a lock counts as old.
      await store.updateState(withKill('b'), why);
      expect(existsSync(lock())).toBe(false);
    });

    it('is taken over when it is old, by one of several', async () => {
      await writeFile(lock(), 'torn');
      await utimes(lock(), new Date(0), new Date(0));
      await Promise.all(
        [open(), open(), open()].map((store, index) => store.updateState(withKill(`flag-${index}`), why)),
      );
      expect((await open().load()).state.kills.size).toBe(3);
      expect(existsSync(lock())).toBe(false);
    });

    it('is released when the change throws', async () => {
      const store = open();
      await expect(
        store.updateState(() => {
          throw new Error('no');
        }, why),
      ).rejects.toThrow('no');
      expect(existsSync(lock())).toBe(false);
    });
  });

  describe('the state file', () => {
    const file = (): string => join(folder, 'flags.state.json');

    it('can be read by people', async () => {
      await open().updateState(withKill('a'), why);
      const text = await readFile(file(), 'utf8');
      expect(JSON.parse(text)).toMatchObject({ revision: 1, kills: { a: { by: 'ana', reason: 'provider down' } } });
      expect(text.split('\n').length).toBeGreaterThan(5);
    });

    it('is not taken for empty when it is broken', async () => {
      await writeFile(file(), '{ "revision": 3, "kills": { "a": ');
      await expect(open().load()).rejects.toThrow(/flags\.state\.json: is not JSON.*which flags are killed/);
      await expect(open().updateState(withKill('b'), why)).rejects.toThrow('is not JSON');
    });

    it('is written again from the last good state, when a kill comes while it is broken', async () => {
      const store = open();
      await store.updateState(withKill('a'), why);
      await writeFile(file(), '{ "revision": 1, kills: oops');
      await expect(store.load()).rejects.toThrow('is not JSON');
      const stored = await store.updateState(withKill('b'), why);
      expect([...stored.state.kills.keys()]).toEqual(['a', 'b']);
      expect((await open().load()).state).toEqual(stored.state);
      expect(await readFile(`${file()}.broken`, 'utf8')).toContain('oops');
    });
  });

  describe('the audit trail', () => {
    const trail = (): string => join(folder, 'flags.audit.jsonl');

    it('has one line per change, with the time as people write it', async () => {
      await open().updateState(withKill('a'), why);
      const lines = (await readFile(trail(), 'utf8')).trimEnd().split('\n');
      expect(lines).toHaveLength(1);
      expect(JSON.parse(lines[0]!)).toMatchObject({
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        by: 'ana',
        reason: 'because',
        version: expect.stringMatching(/:1$/),
      });
    });

    it('goes on after a torn last line', async () => {
      const store = open();
      await store.updateState(withKill('a'), why);
      await appendFile(trail(), '{"at":"2026-01-01T00:00:00Z","by":"an');
      expect(await store.history()).toHaveLength(1);
      await store.updateState(withKill('b'), why);
      expect(await store.history()).toHaveLength(2);
    });

    it('is read from its end, however long it is', async () => {
      const line = (index: number): string =>
        `${JSON.stringify({ at: new Date(index).toISOString(), by: 'ünï', reason: 'r'.repeat(300), version: `x:${index}`, difference: [] })}\n`;
      await writeFile(trail(), '');
      // From its beginning, it would be read for minutes; nothing but its length is on the disk.
      await truncate(trail(), 100_000_000_000);
      await appendFile(trail(), `\n${Array.from({ length: 2_000 }, (_, index) => line(index)).join('')}`);
      const changes = await open().history({ limit: 1_000 });
      expect(changes.map(({ at }) => at)).toEqual(Array.from({ length: 1_000 }, (_, index) => 1_999 - index));
    });

    it('can be elsewhere, or nowhere', async () => {
      const elsewhere = join(folder, 'elsewhere.jsonl');
      const store = open(path, { audit: elsewhere });
      await store.updateState(withKill('a'), why);
      expect(await store.history()).toHaveLength(1);
      expect(existsSync(elsewhere)).toBe(true);
      const silent = open(path, { audit: false });
      await silent.updateState(withKill('b'), why);
      expect(await silent.history()).toEqual([]);
      expect(existsSync(trail())).toBe(false);
    });
  });
});

const run = promisify(execFile);

const tsx = join(import.meta.dirname, '../../node_modules/.bin/tsx');

const patience = { interval: 20 };

const why = { by: 'ana', reason: 'because' };

const kill: Kill = { at: 1_750_000_000_000, by: 'ana', reason: 'provider down' };

function document(rollout: number): string {
  return `# Our flags.\nversion: 1\nflags:\n  a:   # the first\n    rollout: ${rollout}   # percent\n`;
}

function rolledOut(rollout: number): (document: FlagDocument) => FlagDocument {
  return (old) => ({ ...old, flags: { ...old.flags, a: { ...old.flags['a'], rollout } } });
}

function withKill(key: string): (state: FlagState) => FlagState {
  return (state) => ({ ...state, kills: new Map([...state.kills, [key, kill]]) });
}

function sourcesOf(stored: StoredFlags): readonly SourceText[] {
  return stored.document as readonly SourceText[];
}

function textsOf(stored: StoredFlags): readonly string[] {
  return sourcesOf(stored).map(({ text }) => text);
}

async function replaceFile(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

async function replaceLink(path: string, target: string): Promise<void> {
  await symlink(target, `${path}.new`);
  await rename(`${path}.new`, path);
}

/** The pid of a process that has ended. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid!;
}

/** What a lock of this machine says. */
async function hostOfLocks(): Promise<string> {
  return `${hostname()} ${await readlink('/proc/self/ns/pid').catch(() => '')}`.trim();
}
