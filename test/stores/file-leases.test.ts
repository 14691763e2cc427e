import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fileStore } from '../../src/stores/file-store.js';
import type { FlagStore, WritableFlagStore } from '../../src/stores/flag-store.js';
import { type Lease, LeaseLostError } from '../../src/stores/lease-register.js';
import { temporaryFolder } from './temporary-folder.js';

const why = { by: 'halyard', reason: 'the stage is over' };
const start = Date.UTC(2027, 0, 10, 9);
const hour = 3_600_000;

describe('leases in a file', () => {
  let folder: string;
  let cleanUp: (() => unknown)[];

  beforeEach(async () => {
    const temporary = await temporaryFolder();
    folder = temporary.path;
    cleanUp = [temporary.remove];
    await writeFile(join(folder, 'flags.yaml'), 'version: 1\nflags: { search: {} }\n');
    // The clock of the machine; what is awaited goes on.
    vi.useFakeTimers({ toFake: ['Date'], now: start });
  });

  afterEach(async () => {
    vi.useRealTimers();
    for (const step of cleanUp.toReversed()) await step();
  });

  const open = (options?: Parameters<typeof fileStore>[1]): WritableFlagStore => {
    const store = fileStore(join(folder, 'flags.yaml'), options);
    cleanUp.push(() => store.close());
    return store;
  };

  const take = (store: FlagStore, holder: string): Promise<Lease | undefined> =>
    store.leases!.take('rollouts', holder, 30_000);

  const write = (store: WritableFlagStore, lease: Lease | undefined): Promise<unknown> =>
    store.updateState((state) => state, { ...why, lease: lease! });

  it('lie beside the state, and no reader is told of them', async () => {
    const [store, watching] = [open({ state: join(folder, 'ops', '..', 'kept.state.json') }), open()];
    await watching.load();
    const onChange = vi.fn();
    watching.watch(onChange);
    await take(store, 'ana');
    expect((await readdir(folder)).toSorted()).toEqual(['flags.yaml', 'kept.leases.json']);
    expect(JSON.parse(await readFile(join(folder, 'kept.leases.json'), 'utf8'))).toEqual({
      rollouts: { holder: 'ana', fence: start, from: start, until: start + 30_000 },
    });
    await watching.updateState((state) => ({ ...state, kills: new Map() }), why);
    expect(onChange).not.toHaveBeenCalled();
  });

  it('end by the clock, and not before', async () => {
    const [store, other] = [open(), open()];
    await take(store, 'ana');
    vi.setSystemTime(start + 29_999);
    expect(await take(other, 'ben')).toBeUndefined();
    vi.setSystemTime(start + 30_000);
    expect(await take(other, 'ben')).toBeDefined();
  });

  it('are over when the clock is set back, and the former holder can write no more', async () => {
    const [store, other] = [open(), open()];
    const first = await take(store, 'ana');
    vi.setSystemTime(start - hour);
    // Nobody has taken it yet.
    await write(store, first);
    const next = await take(other, 'ben');
    expect(next!.fence).toBeGreaterThan(first!.fence);
    await expect(write(store, first)).rejects.toThrow(LeaseLostError);
    expect(await take(store, 'ana')).toBeUndefined();
    vi.setSystemTime(start - hour + 30_000);
    expect((await take(store, 'ana'))!.fence).toBeGreaterThan(next!.fence);
  });

  it('end early when the clock is set forward, and fences only rise when it comes back', async () => {
    const [store, other] = [open(), open()];
    const first = await take(store, 'ana');
    vi.setSystemTime(start + hour);
    const second = await take(other, 'ben');
    await expect(write(store, first)).rejects.toThrow(LeaseLostError);
    vi.setSystemTime(start);
    const third = await take(store, 'ana');
    expect(second!.fence).toBeGreaterThan(first!.fence);
    expect(third!.fence).toBeGreaterThan(second!.fence);
    await expect(write(other, second)).rejects.toThrow(LeaseLostError);
    await write(store, third);
  });

  it.each([
    ['removed', (path: string) => rm(path)],
    ['emptied', (path: string) => writeFile(path, '')],
    ['torn', (path: string) => writeFile(path, '{ "rollouts": { "holder": "ana", "fen')],
    ['filled with something else', (path: string) => writeFile(path, '{ "rollouts": { "holder": 3 }, "x": null }')],
  ])('are lost when the file is %s, and are not given twice', async (_what, harm) => {
    const [store, other] = [open(), open()];
    const lost = await take(store, 'ana');
    await harm(join(folder, 'flags.leases.json'));
    await expect(write(store, lost)).rejects.toThrow(
      `The lease "rollouts" of ana (fence ${start}) is lost: somebody else has taken it since, or the store knows ` +
        'nothing of it any more. Nothing was written.',
    );
    vi.setSystemTime(start + 1);
    expect((await take(other, 'ben'))!.fence).toBeGreaterThan(lost!.fence);
    await expect(write(store, lost)).rejects.toThrow(LeaseLostError);
  });

  it('are not changed by what wants to know only', async () => {
    const store = open();
    const lease = await take(store, 'ana');
    const path = join(folder, 'flags.leases.json');
    const before = await readFile(path, 'utf8');
    vi.setSystemTime(start + 1);
    await write(store, lease);
    await take(open(), 'ben');
    await store.leases!.release({ ...lease!, fence: 1 });
    expect(await readFile(path, 'utf8')).toBe(before);
  });

  it('cannot lie where a document is', () => {
    expect(() => fileStore(['flags.leases.json', 'flags.yaml'])).toThrow(
      "fileStore: flags.leases.json is a flag document, so it can't be the state, the audit or the leases file too.",
    );
  });
});

describe('a process that stood still while another took its lease', { timeout: 60_000 }, () => {
  let cleanUp: (() => unknown)[] = [];

  afterEach(async () => {
    for (const step of cleanUp.toReversed()) await step();
    cleanUp = [];
  });

  const prepare = async () => {
    const { path: folder, remove } = await temporaryFolder();
    const path = join(folder, 'flags.yaml');
    const gate = join(folder, 'gate');
    await writeFile(path, 'version: 1\nflags: { search: {} }\n');
    const script = join(import.meta.dirname, 'lead.ts');
    const leader = spawn(process.execPath, ['--import', 'tsx', script, path, gate], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: leader.stdout })[Symbol.asyncIterator]();
    const said = async (): Promise<unknown> => (await lines.next()).value;
    const store = fileStore(path);
    cleanUp = [
      remove,
      () => store.close(),
      async () => {
        if (leader.exitCode !== null || !leader.kill('SIGKILL')) return;
        await once(leader, 'exit');
      },
    ];
    expect(await said()).toBe('taken');
    const takeOver = async (): Promise<void> => {
      const lease = await vi.waitFor(
        async () => {
          const taken = await store.leases!.take('rollouts', 'next', 600_000);
          expect(taken).toBeDefined();
          return taken!;
        },
        { interval: 20 },
      );
      const kills = new Map([['by-next', { at: 0, by: 'next', reason: 'in time' }]]);
      await store.updateState((state) => ({ ...state, kills }), { ...why, lease });
    };
    const killedKeys = async (): Promise<readonly string[]> => [...(await store.load()).state.kills.keys()];
    return { folder, gate, leader, said, takeOver, killedKeys };
  };

  it('writes nothing any more', async () => {
    const { gate, leader, said, takeOver, killedKeys } = await prepare();
    leader.kill('SIGSTOP');
    await takeOver();
    await writeFile(gate, '');
    leader.kill('SIGCONT');
    leader.stdin.write('go\n');
    expect(await said()).toBe('LeaseLostError');
    expect(await killedKeys()).toEqual(['by-next']);
  });

  it('writes nothing any more, though it was about to', async () => {
    const { folder, gate, leader, said, takeOver, killedKeys } = await prepare();
    leader.stdin.write('go\n');
    expect(await said()).toBe('writing');
    // As old as if it had stood still for long enough.
    await utimes(join(folder, 'flags.state.json.lock'), new Date(0), new Date(0));
    await takeOver();
    await writeFile(gate, '');
    expect(await said()).toBe('FileAccessError');
    expect(await killedKeys()).toEqual(['by-next']);
  });
});
