import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createHalyard, fileStore, type Halyard, type HalyardOptions, memoryStore } from 'halyard';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const document = 'version: 1\nflags:\n  payments: { kind: operational }\n  checkout: { rollout: 100 } # the new one\n';
const ana = { by: 'ana', reason: 'provider down' };
const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };

let folder: string;
let path: string;
const open: Halyard[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'halyard-kill-'));
  path = join(folder, 'flags.yaml');
  await writeFile(path, document);
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((halyard) => halyard.close()));
  await rm(folder, { recursive: true, force: true });
  vi.unstubAllEnvs();
});

const start = async (options: Partial<HalyardOptions> = {}): Promise<Halyard> => {
  const halyard = await createHalyard({ store: fileStore(path), logger, ...options });
  open.push(halyard);
  return halyard;
};

describe('a kill', () => {
  it('is in force on this instance before its promise is settled', async () => {
    const halyard = await start();
    const killed = halyard.kill('payments', ana);
    expect(halyard.details('payments', true)).toMatchObject({ value: false, variant: 'off', reason: 'DISABLED' });
    await killed;
    expect(halyard.boolean('payments', true)).toBe(false);
  });

  it('reaches another process on the same file, and so does its end', async () => {
    const halyard = await start();
    const program = fileURLToPath(new URL('follower.mjs', import.meta.url));
    const follower = spawn(process.execPath, [program, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: follower.stdout })[Symbol.asyncIterator]();
    const nextLine = async (): Promise<unknown> => (await lines.next()).value;
    try {
      expect(await nextLine()).toBe('payments true');
      await halyard.kill('payments', ana);
      expect(await nextLine()).toBe('payments false');
      await halyard.restore('payments', { by: 'ana', reason: 'up again' });
      expect(await nextLine()).toBe('payments true');
    } finally {
      follower.kill();
      await once(follower, 'exit');
    }
  });

  it('ends by itself after forSeconds, also after a restart', async () => {
    let now = Date.UTC(2027, 0, 1);
    const clock = { now: () => now };
    const first = await start({ clock });
    await first.kill('payments', { ...ana, forSeconds: 60 });
    await first.close();
    const second = await start({ clock });
    expect(second.boolean('payments', true)).toBe(false);
    now += 59_999;
    expect(second.boolean('payments', true)).toBe(false);
    now += 1;
    expect(second.boolean('payments', true)).toBe(true);
  });

  it('outlives a deploy of the file', async () => {
    const halyard = await start();
    await halyard.kill('payments', ana);
    await writeFile(path, `${document}  signups: {}\n`);
    await vi.waitFor(() => expect(halyard.boolean('signups', false)).toBe(true));
    expect(halyard.boolean('payments', true)).toBe(false);
  });

  it('never edits the file', async () => {
    const halyard = await start();
    await halyard.kill('payments', ana);
    expect(await readFile(path, 'utf8')).toBe(document);
  });

  it('stays in force here if the store can not be written, and says so', async () => {
    const store = memoryStore({ version: 1, flags: { payments: {} } });
    vi.spyOn(store, 'updateState').mockRejectedValue(new Error('disk full'));
    const halyard = await start({ store });
    await expect(halyard.kill('payments', ana)).rejects.toThrow(
      '"payments" is off on this instance, but memory could not be told: disk full',
    );
    expect(halyard.boolean('payments', true)).toBe(false);
    await halyard.refresh();
    expect(halyard.boolean('payments', true)).toBe(false);
  });

  it('is taken even while the document is broken', async () => {
    const halyard = await start();
    await writeFile(path, 'version: 1\nflags: [');
    await vi.waitFor(() => expect(halyard.health().status).toBe('stale'));
    await halyard.kill('payments', ana);
    const another = await start({ startWithout: true });
    expect(halyard.boolean('payments', true)).toBe(false);
    expect(another.boolean('payments', true)).toBe(false);
  });

  it('of an unknown key is refused with the nearest one, unless it is to be created', async () => {
    const halyard = await start();
    await expect(halyard.kill('paymants', ana)).rejects.toThrow(
      'No flag has the key "paymants". Did you mean `payments`?',
    );
    expect(halyard.details('paymants', true).reason).toBe('ERROR');
    await halyard.kill('shipping', { ...ana, create: true });
    expect(halyard.details('shipping', true)).toMatchObject({ value: false, reason: 'DISABLED' });
  });

  it.each([
    [{ by: '', reason: 'x' }, /option `by`: expected a text that says who, found ""/],
    [{ by: 'ana' }, /option `reason`: expected a text that says why, found nothing/],
    [{ ...ana, forSeconds: -1 }, /option `forSeconds`: expected a number above 0, .* found -1/],
    [{ ...ana, forSecond: 60 }, /unknown option `forSecond`. Did you mean `forSeconds`\?/],
    [undefined, /expected an object of options/],
    [{ ...ana, forSeconds: NaN }, /option `forSeconds`: expected a number above 0, .* found NaN/],
  ])('with wrong options %j changes nothing', async (options, message) => {
    const halyard = await start();
    await expect(halyard.kill('payments', options as typeof ana)).rejects.toThrow(message);
    expect(halyard.boolean('payments', true)).toBe(true);
  });

  it('of what can be no key is refused, even if it is to be created', async () => {
    const halyard = await start();
    await expect(halyard.kill('pay ments', { ...ana, create: true })).rejects.toThrow(
      '"pay ments" can\'t be a flag\'s key.',
    );
    await halyard.refresh();
    expect(halyard.health().status).toBe('ready');
  });

  it('is not shortened by a later one that ends sooner', async () => {
    let now = Date.UTC(2027, 0, 1);
    const halyard = await start({ clock: { now: () => now } });
    await halyard.kill('payments', ana);
    await halyard.kill('payments', { by: 'script', reason: 'test', forSeconds: 1 });
    now += 10_000;
    expect(halyard.boolean('payments', true)).toBe(false);
  });

  it('is followed while the document is away', async () => {
    const [first, second] = [await start(), await start()];
    await rm(path);
    await vi.waitFor(() => expect(second.health().status).toBe('stale'));
    await first.kill('payments', ana);
    expect(first.boolean('payments', true)).toBe(false);
    await vi.waitFor(() => expect(second.boolean('payments', true)).toBe(false));
  });

  it('does not outlive its restore, whoever is first', async () => {
    const [first, second] = [await start(), await start()];
    for (let round = 0; round < 10; round += 1) {
      await Promise.all([first.kill('payments', ana), second.restore('payments', ana)]);
      await Promise.all([first.refresh(), second.refresh()]);
      expect(first.boolean('payments', true)).toBe(second.boolean('payments', true));
    }
  });

  it('is told to listeners and written into the history', async () => {
    const store = fileStore(path);
    const halyard = await start({ store });
    const told = vi.fn();
    halyard.on('kill', told);
    await halyard.kill('payments', ana);
    expect(told).toHaveBeenCalledWith({ flagKey: 'payments', ...ana });
    expect(await store.history()).toMatchObject([{ ...ana, difference: [{ path: 'state.kills.payments' }] }]);
  });
});

describe('restore', () => {
  it('can start again at a few percent, in one version, and keeps the comments', async () => {
    const halyard = await start();
    await halyard.kill('checkout', ana);
    const before = halyard.health().version;
    const versions: (string | undefined)[] = [];
    halyard.on('change', ({ version }) => versions.push(version));
    await halyard.restore('checkout', { by: 'ana', reason: 'mended', rollout: 5 });
    expect(halyard.details('checkout', false, { targetingKey: 'u' }).reason).toBe('SPLIT');
    expect(await readFile(path, 'utf8')).toBe(document.replace('rollout: 100', 'rollout: 5'));
    expect(new Set(versions).size).toBe(1);
    expect(versions).not.toContain(before);
  });

  it.each([-1, 101, NaN])('refuses a rollout of %d', async (rollout) => {
    const halyard = await start();
    await expect(halyard.restore('checkout', { ...ana, rollout })).rejects.toThrow(
      `option \`rollout\`: expected a number from 0 to 100, found ${rollout}.`,
    );
  });

  it('of a key that nobody knows is refused', async () => {
    const halyard = await start();
    await expect(halyard.restore('paymants', ana)).rejects.toThrow('Did you mean `payments`?');
  });

  it('ends what could only be killed here, because the store can not be written', async () => {
    const source = memoryStore({ version: 1, flags: { payments: {} } });
    const store = { name: 'source', refuses: 'whole', load: () => source.load(), close: () => source.close() } as const;
    const halyard = await start({ store });
    await expect(halyard.kill('payments', ana)).rejects.toThrow('can only be read');
    expect(halyard.boolean('payments', true)).toBe(false);
    await halyard.restore('payments', ana);
    expect(halyard.boolean('payments', false)).toBe(true);
  });

  it('ends a kill of which the store never heard also if the store refuses it, and says so', async () => {
    const store = memoryStore({ version: 1, flags: { payments: {}, shipping: {} } });
    const halyard = await start({ store });
    await halyard.kill('shipping', ana);
    vi.spyOn(store, 'updateState').mockRejectedValue(new Error('permission denied'));
    await expect(halyard.kill('payments', ana)).rejects.toThrow('permission denied');
    await expect(halyard.restore('payments', ana)).rejects.toThrow(
      '"payments" is on again on this instance, but memory could not be told: permission denied',
    );
    expect(halyard.boolean('payments', false)).toBe(true);
    await expect(halyard.restore('shipping', ana)).rejects.toThrow(/^permission denied$/);
    expect(halyard.boolean('shipping', true)).toBe(false);
  });

  it('does not revive what the environment of this instance killed', async () => {
    vi.stubEnv('HALYARD_KILL', 'payments');
    const halyard = await start();
    await halyard.restore('payments', ana);
    expect(halyard.boolean('payments', true)).toBe(false);
    expect(logger.warn).toHaveBeenCalledWith(
      { flagKey: 'payments' },
      expect.stringContaining('stays off on this instance'),
    );
  });
});
