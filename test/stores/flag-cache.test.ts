import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { FileAccessError } from '../../src/stores/file-access-error.js';
import { FlagCache } from '../../src/stores/flag-cache.js';
import type { StoredFlags } from '../../src/stores/flag-store.js';
import { temporaryFolder } from './temporary-folder.js';
import { emptyFlagState, type FlagState } from '../../src/flags/flag-state.js';
import { startRollout } from '../../src/flags/rollout-progress.js';

const patience = { interval: 20 };

let folder: string;
let remove: () => Promise<void>;
let script: string;
const children = new Set<ChildProcess>();
const mounted = new Set<string>();

beforeAll(async () => {
  ({ path: folder, remove } = await temporaryFolder());
  script = join(folder, 'keep-flags.mjs');
  const entry = fileURLToPath(new URL('keep-flags.ts', import.meta.url));
  // Two hundred processes start sooner without a compiler each.
  await build({ entryPoints: [entry], outfile: script, bundle: true, platform: 'node', format: 'esm' });
});

afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
});

afterAll(async () => {
  for (const path of mounted) execFileSync('umount', [path]);
  await remove();
});

const open = (path: string, onFailure = vi.fn(), onRecovery = vi.fn()): FlagCache =>
  new FlagCache({ path, store: 'test', retries: true, onFailure, onRecovery });

const flags = (version: string, text = 'version: 1\nflags: {}\n'): StoredFlags => ({
  document: [{ name: 'flags.yaml', text }],
  state: emptyFlagState,
  version,
});

/** Starts a process that keeps flags, in a shell that does something first. Resolves when it has begun. */
async function startKeeping(path: string, characters: number, first = ':'): Promise<ChildProcess> {
  const command = [process.execPath, script, path, String(characters)];
  const child = spawn('sh', ['-c', `${first}; exec "$@"`, 'sh', ...command], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.add(child);
  await once(child.stdout, 'data');
  return child;
}

/** What a service would find there if it started now. */
async function find(path: string): Promise<'whole' | 'absent'> {
  try {
    await open(path).load();
    return 'whole';
  } catch (error) {
    if (error instanceof FileAccessError && error.code === 'ENOENT') return 'absent';
    throw error;
  }
}

describe('a process that is killed while it keeps flags', () => {
  it('leaves all of them or none, 200 times', { timeout: 600_000 }, async () => {
    const found: string[] = [];
    for (let time = 0; time < 200; time += 1) {
      const path = join(folder, `killed-${time}`);
      const child = await startKeeping(path, [0, 20_000, 2_000_000][time % 3] ?? 0);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 50));
      child.kill('SIGKILL');
      await once(child, 'exit');
      found.push(await find(path));
    }
    expect(found).toHaveLength(200);
    expect(found).toContain('whole');
    // Some were in the middle of it.
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).not.toEqual([]);
  });

  it('leaves nothing else for long: the next one removes it', async () => {
    const path = join(folder, 'cleaned', 'flags.cache');
    await mkdir(join(folder, 'cleaned'));
    const [old, young] = ['.flags.cache.0123456789ab.tmp', '.flags.cache.ba9876543210.tmp'];
    for (const name of [old, young]) await writeFile(join(folder, 'cleaned', name), 'half of');
    await utimes(join(folder, 'cleaned', old), 0, 0);
    const cache = open(path);
    cache.save(flags('test:1'), 0);
    await cache.close();
    expect((await readdir(join(folder, 'cleaned'))).sort()).toEqual([young, 'flags.cache'].sort());
  });
});

describe('two processes with one file', () => {
  it('both write, and nobody reads half of it', { timeout: 60_000 }, async () => {
    const path = join(folder, 'shared');
    await Promise.all([startKeeping(path, 200_000), startKeeping(path, 100_000)]);
    await vi.waitFor(async () => expect(await find(path)).toBe('whole'), patience);
    for (let time = 0; time < 200; time += 1) expect(await find(path)).toBe('whole');
  });
});

describe('a disk that is full', () => {
  it('is told once, and leaves what was kept before', { timeout: 60_000 }, async (context) => {
    const disk = join(folder, 'disk');
    await mkdir(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk], { stdio: 'ignore' });
    } catch {
      return context.skip('a small file system can be mounted by root alone');
    }
    mounted.add(disk);
    const [onFailure, onRecovery] = [vi.fn(), vi.fn()];
    const cache = open(join(disk, 'flags.cache'), onFailure, onRecovery);
    cache.save(flags('test:1'), 0);
    await vi.waitFor(async () => expect(await find(join(disk, 'flags.cache'))).toBe('whole'), patience);

    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      cache.save(flags('test:2', '#'.repeat(200_000)), 0);
      await vi.waitUntil(() => onFailure.mock.calls.length > 0, patience);
      cache.save(flags('test:3', '#'.repeat(200_000)), 0);
      await vi.advanceTimersByTimeAsync(30_000);
      await vi.waitUntil(() => cache.failures === 2, patience);
      expect(onFailure.mock.calls).toEqual([
        [expect.objectContaining({ code: 'ENOSPC', message: expect.stringContaining('no space left on the device') })],
      ]);
      expect((await open(join(disk, 'flags.cache')).load()).stored.version).toBe('test:1');
      expect(await readdir(disk)).toEqual(['flags.cache']);

      cache.save(flags('test:4'), 0);
      await vi.advanceTimersByTimeAsync(30_000);
      await vi.waitUntil(() => onRecovery.mock.calls.length === 1, patience);
      expect((await open(join(disk, 'flags.cache')).load()).stored.version).toBe('test:4');
    } finally {
      vi.useRealTimers();
    }
  });

  it('or a limit on files does the process no harm', { timeout: 60_000 }, async () => {
    const path = join(folder, 'limited');
    const child = await startKeeping(path, 200_000, 'ulimit -f 16');
    const [said] = (await once(child.stdout!, 'data')) as [Buffer];
    expect(String(said)).toContain('cannot be written');
    expect(child.exitCode).toBeNull();
    expect(await find(path)).toBe('absent');
  });
});

describe('keeping', () => {
  it('writes the newest of what came while it wrote, and nothing twice', async () => {
    const path = join(folder, 'coalesced');
    const cache = open(path);
    for (let counter = 0; counter <= 1_000; counter += 1) cache.save(flags(`test:${counter}`), counter);
    await cache.close();
    expect(await open(path).load()).toMatchObject({ at: 1_000, stored: { version: 'test:1000' } });
  });

  it('keeps kills, rollouts and trips with the flags', async () => {
    const path = join(folder, 'with-state');
    const cache = open(path);
    const state: FlagState = {
      kills: new Map([['payments', { at: 1_000, by: 'ana', reason: 'down' }]]),
      rollouts: new Map([
        ['search', { ...startRollout('search', 'halyard', 1_000), failures: new Map([['maxP99Ms', 1]]) }],
        ['checkout', { status: 'completed', seed: 'checkout', by: 'ana', at: 2_000 }],
      ]),
      trips: new Map([
        [
          'refunds',
          { openUntil: 3_000, trippedBy: 'a:1', evidence: { cause: 'probe', requests: 1, failures: 1, slow: 0 } },
        ],
      ]),
    };
    cache.save({ ...flags('test:1'), state }, 1_000);
    await vi.waitFor(async () => expect((await open(path).load()).stored.state).toEqual(state), patience);
    const moved = { ...state, rollouts: new Map([...state.rollouts].slice(1)) };
    cache.save({ ...flags('test:1'), state: moved }, 1_000);
    await cache.close();
    expect((await open(path).load()).stored.state).toEqual(moved);
  });

  it('tells again and again how old the flags are, also if the clock is set', async () => {
    const path = join(folder, 'aged');
    const cache = open(path);
    const at = 1_800_000_000_000;
    for (const [now, kept] of [
      [at, at],
      [at + 60_000, at],
      [at + 600_000, at + 600_000],
      [at - 3_600_000, at - 3_600_000],
      [at - 3_590_000, at - 3_600_000],
    ] as const) {
      cache.save(flags('test:1'), now);
      await vi.waitFor(async () => expect((await open(path).load()).at).toBe(kept), patience);
    }
  });

  it('puts the file back that somebody has removed', async () => {
    const path = join(folder, 'removed');
    const cache = open(path);
    cache.save(flags('test:1'), 0);
    await vi.waitFor(async () => expect(await find(path)).toBe('whole'), patience);
    await rm(path);
    cache.save(flags('test:1'), 600_000);
    await cache.close();
    expect(await find(path)).toBe('whole');
  });

  it('ends: what comes after closing is not kept, and it can be closed twice', async () => {
    const path = join(folder, 'closed');
    const cache = open(path);
    cache.save(flags('test:1'), 0);
    await Promise.all([cache.close(), cache.close()]);
    cache.save(flags('test:2'), 0);
    await cache.close();
    expect((await open(path).load()).stored.version).toBe('test:1');
  });
});
