import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  createHalyard,
  fileStore,
  type FleetInstance,
  FleetNotReachedError,
  type FleetRegister,
  type FlagStore,
  type Halyard,
  type HalyardOptions,
  memoryStore,
} from 'halyard';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const ana = { by: 'ana', reason: 'provider down' };
const patience = { interval: 10 };
const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
const open: Halyard[] = [];

beforeEach(() => vi.clearAllMocks());

afterEach(async () => {
  await Promise.all(open.splice(0).map((halyard) => halyard.close()));
});

const shop = () => memoryStore({ version: 1, flags: { payments: { kind: 'operational' }, checkout: {} } });

async function start(options: Partial<HalyardOptions> = {}): Promise<Halyard> {
  const halyard = await createHalyard({ store: shop(), logger, ...options });
  open.push(halyard);
  return halyard;
}

/** A store whose register the test holds in its hand. */
function withRegister(fleet: FleetRegister): FlagStore {
  const store = shop();
  return {
    name: store.name,
    refuses: store.refuses,
    load: () => store.load(),
    watch: (onChange) => store.watch(onChange),
    update: (change, options) => store.update(change, options),
    updateState: (change, options) => store.updateState(change, options),
    close: () => store.close(),
    fleet,
  };
}

/** A register of what the test puts there. */
function register(instances: readonly Partial<FleetInstance>[] = []) {
  return {
    instances: instances.map((instance) => ({ ...web, ...instance })),
    report: vi.fn<FleetRegister['report']>(() => Promise.resolve()),
    remove: vi.fn<FleetRegister['remove']>(() => Promise.resolve()),
    list(): Promise<readonly FleetInstance[]> {
      return Promise.resolve([...this.instances]);
    },
  };
}

const web: FleetInstance = { id: 'a', host: 'web-1', pid: 17, startedAt: 0, version: undefined, lastContact: 1 };

describe('the fleet', () => {
  it('shows each Halyard on the store, what it serves, and which is asking', async () => {
    const store = shop();
    const before = Date.now();
    const first = await start({ store, fleet: { id: 'one', host: 'web-1' } });
    await start({ store, fleet: { id: 'two', host: 'web-2' } });
    const { version } = first.health();
    const members = await first.fleet();
    expect(members).toEqual([
      {
        id: 'one',
        host: 'web-1',
        pid: process.pid,
        startedAt: expect.any(Number),
        version,
        lastContact: expect.any(Number),
        standing: 'same',
        isCurrent: true,
        isSelf: true,
      },
      expect.objectContaining({ id: 'two', host: 'web-2', version, isCurrent: true, isSelf: false }),
    ]);
    expect(members[0]!.startedAt).toBeGreaterThanOrEqual(before);
  });

  it("calls an instance by the machine's name and a random id", async () => {
    const store = shop();
    const [first, second] = [await start({ store }), await start({ store })];
    const [a, b] = await first.fleet();
    expect([a!.host, b!.host]).toEqual([hostname(), hostname()]);
    expect(a!.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(a!.id).not.toBe(b!.id);
    expect((await second.fleet()).find(({ isSelf }) => isSelf)!.id).not.toBe(
      (await first.fleet()).find(({ isSelf }) => isSelf)!.id,
    );
  });

  it.each([
    ['memory-x:7', { standing: 'other-lineage', isCurrent: false }],
    [undefined, { standing: 'nothing', isCurrent: false }],
  ])('says of version %s how it stands to the store', async (version, expected) => {
    const halyard = await start({ store: withRegister(register([{ version }])) });
    expect(await halyard.fleet()).toMatchObject([expected]);
  });

  it('says who is behind, and who is ahead of what the store held when it was asked', async () => {
    const held = register();
    const halyard = await start({ store: withRegister(held) });
    await halyard.kill('payments', ana);
    const [lineage] = halyard.health().version!.split(':');
    for (const counter of [0, 1, 2]) held.instances.push({ ...web, version: `${lineage}:${counter}` });
    expect((await halyard.fleet()).map(({ standing, isCurrent }) => [standing, isCurrent])).toEqual([
      ['older', false],
      ['same', true],
      ['newer', true],
    ]);
  });

  it('shows an instance that has loaded nothing yet', async () => {
    const store = { ...withRegister(register()), fleet: shop().fleet! };
    const failing = { ...store, load: () => Promise.reject(new Error('down')) };
    await start({ store: failing, startWithout: true });
    const halyard = await start({ store });
    expect((await halyard.fleet()).find(({ isSelf }) => !isSelf)).toMatchObject({
      version: undefined,
      standing: 'nothing',
    });
  });

  it('is shown where the store can not be loaded, against what serves here', async () => {
    const store = withRegister(shop().fleet!);
    const halyard = await start({ store });
    vi.spyOn(store, 'load').mockRejectedValue(new Error('no document'));
    expect(await halyard.fleet()).toMatchObject([{ isSelf: true, standing: 'same' }]);
  });

  it('calls nobody current where there is nothing to compare with', async () => {
    const store = withRegister(register([{ version: 'memory-x:7' }]));
    const failing = { ...store, load: () => Promise.reject(new Error('no document')) };
    const halyard = await start({ store: failing, startWithout: true });
    expect(await halyard.fleet()).toMatchObject([{ standing: 'unknown', isCurrent: false }]);
  });

  it('rejects where the store keeps no list', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'halyard-fleet-'));
    await writeFile(join(folder, 'flags.yaml'), 'version: 1\nflags: { payments: {} }\n');
    const halyard = await start({ store: fileStore(join(folder, 'flags.yaml')) });
    await expect(halyard.fleet()).rejects.toThrow(/^file:.* keeps no list of the instances that follow it\.$/);
    await rm(folder, { recursive: true });
  });

  it('rejects with what the register says if it can not be read', async () => {
    const held = register();
    held.list = () => Promise.reject(new Error('redis: no rights'));
    const halyard = await start({ store: withRegister(held) });
    await expect(halyard.fleet()).rejects.toThrow('redis: no rights');
  });

  it.each([
    [{ id: '' }, 'option `id`: expected a text of 1 to 128 characters, on one line, found ""'],
    [{ id: 'x'.repeat(129) }, 'option `id`'],
    [{ host: 'two\nlines' }, 'option `host`: expected a text of 1 to 255 characters, on one line'],
    [{ reportMs: 0 }, 'option `reportMs`: expected a number of milliseconds from 100 to 86400000 (a day), found 0'],
    [{ reportMs: NaN }, 'option `reportMs`'],
    [{ hosts: 'x' }, 'unknown option `hosts`. Did you mean `host`?'],
    [true, 'option `fleet`: expected an object of options, or false, found true'],
  ])('is not joined with the options %j', async (fleet, message) => {
    await expect(start({ fleet: fleet as never })).rejects.toThrow(message);
  });
});

describe('an instance', () => {
  it('reports before it has loaded anything, so that nobody overlooks it, and then what it serves', async () => {
    const held = register();
    const store = withRegister(held);
    const load = vi.spyOn(store, 'load');
    const halyard = await start({ store, fleet: { id: 'me' } });
    expect(held.report.mock.invocationCallOrder[0]).toBeLessThan(load.mock.invocationCallOrder[0]!);
    await vi.waitFor(() => expect(held.report).toHaveBeenCalledTimes(2), patience);
    const [first, second] = held.report.mock.calls;
    expect(first).toEqual([expect.objectContaining({ id: 'me', version: undefined }), 18_000]);
    expect(second![0].version).toBe(halyard.health().version);
  });

  it('tells a version when it serves, and not before', async () => {
    const store = shop();
    const halyard = await start({ store });
    const served: boolean[] = [];
    const report = store.fleet!.report.bind(store.fleet);
    vi.spyOn(store.fleet!, 'report').mockImplementation((instance, ttlMs) => {
      served.push(halyard.boolean('payments', true));
      expect(instance.version).toBe(halyard.health().version);
      return report(instance, ttlMs);
    });
    await halyard.kill('payments', ana);
    await vi.waitFor(() => expect(served).toEqual([false]), patience);
  });

  it('reports versions that come while it reports once', async () => {
    const held = register();
    const reports: (() => void)[] = [];
    held.report.mockImplementation(() => new Promise((resolve) => reports.push(resolve)));
    const halyard = await start({ store: withRegister(held) });
    await vi.waitFor(() => expect(reports).toHaveLength(1), patience);
    for (const reason of ['one', 'two', 'three']) {
      await halyard.kill('payments', { ...ana, reason });
    }
    expect(reports).toHaveLength(1);
    reports[0]!();
    await vi.waitFor(() => expect(reports).toHaveLength(2), patience);
    expect(held.report.mock.lastCall![0].version).toBe(halyard.health().version);
    reports[1]!();
  });

  it('reports every now and then', async () => {
    const held = register();
    await start({ store: withRegister(held), fleet: { reportMs: 100 } });
    await vi.waitFor(() => expect(held.report.mock.calls.length).toBeGreaterThan(5), patience);
    expect(held.report.mock.lastCall![1]).toBe(850);
  });

  it('takes itself off when it is closed, behind a report that is under way', async () => {
    const held = register();
    let finish: () => void = () => undefined;
    held.report.mockImplementation(() => new Promise((resolve) => (finish = resolve)));
    const halyard = await start({ store: withRegister(held), fleet: { id: 'me' } });
    const closing = halyard.close();
    await Promise.resolve();
    expect(held.remove).not.toHaveBeenCalled();
    finish();
    await closing;
    expect(held.remove).toHaveBeenCalledExactlyOnceWith('me');
    expect(held.report).toHaveBeenCalledOnce();
  });

  it('takes itself off when it could not start', async () => {
    const held = register();
    const store = { ...withRegister(held), load: () => Promise.reject(new Error('down')) };
    await expect(start({ store })).rejects.toThrow('down');
    expect(held.remove).toHaveBeenCalledOnce();
  });

  it('does not keep the process alive', async () => {
    const program = join(import.meta.dirname, 'start-and-end.mjs');
    const { stdout } = await promisify(execFile)(process.execPath, [program], { timeout: 15_000 });
    expect(stdout).toBe('1 instance\n');
  });

  it('is closed though the register never answers', async () => {
    const held = register();
    held.report.mockImplementation(() => new Promise(() => undefined));
    const halyard = await start({ store: withRegister(held) });
    const closing = halyard.close();
    expect(halyard.health().status).toBe('closed');
    await closing;
  });

  it.each([{ fleet: false }, { watch: false }] as const)('stays unlisted with %j', async (options) => {
    const held = register();
    const halyard = await start({ store: withRegister(held), ...options });
    await halyard.kill('payments', ana);
    expect(await halyard.fleet()).toEqual([]);
    await halyard.close();
    expect(held.report).not.toHaveBeenCalled();
    expect(held.remove).not.toHaveBeenCalled();
  });

  it('is listed with watch: false if it is asked for', async () => {
    const held = register();
    await start({ store: withRegister(held), watch: false, fleet: {} });
    expect(held.report).toHaveBeenCalled();
  });

  describe('whose register fails', () => {
    it('starts, serves, warns once, tries again, and says when it is listed again', async () => {
      const held = register();
      held.report.mockRejectedValue(new Error('no rights'));
      const halyard = await start({ store: withRegister(held), fleet: { reportMs: 100 } });
      await vi.waitFor(() => expect(held.report.mock.calls.length).toBeGreaterThan(4), patience);
      expect(halyard.boolean('payments', false)).toBe(true);
      expect(halyard.health()).toMatchObject({ status: 'ready', lastError: undefined });
      expect(logger.warn.mock.calls.map(([, message]) => message as string)).toEqual([
        "This instance is not in the fleet's list, and `waitForFleet` does not wait for it. Flags are not affected, and it is tried again: no rights",
      ]);
      expect(logger.info).not.toHaveBeenCalled();
      held.report.mockResolvedValue();
      await vi.waitFor(() => expect(logger.info).toHaveBeenCalledOnce(), patience);
      held.report.mockImplementation(() => {
        throw new Error('broken');
      });
      await vi.waitFor(() => expect(logger.warn).toHaveBeenCalledTimes(2), patience);
    });

    it('starts though the register never answers', async () => {
      const held = register();
      held.report.mockImplementation(() => new Promise(() => undefined));
      const halyard = await start({ store: withRegister(held) });
      expect(halyard.boolean('payments', false)).toBe(true);
    });
  });
});

describe('waiting for the fleet', () => {
  it('resolves when every instance serves the kill', async () => {
    const store = shop();
    const halyards = [await start({ store }), await start({ store }), await start({ store })];
    await halyards[0]!.kill('payments', { ...ana, waitForFleet: true });
    expect(halyards.map((halyard) => halyard.boolean('payments', true))).toEqual([false, false, false]);
    await halyards[1]!.restore('payments', { ...ana, waitForFleet: { timeoutMs: 5_000 } });
    expect(halyards.map((halyard) => halyard.boolean('payments', false))).toEqual([true, true, true]);
  });

  it('names who does not follow when the time is up, and leaves the kill where it is', async () => {
    const held = register([
      { id: 'b', host: 'web-2', version: 'memory-0:1' },
      { id: 'c', host: 'web-3', pid: 18 },
    ]);
    const store = withRegister(held);
    const halyard = await start({ store });
    const killed = halyard.kill('payments', { ...ana, waitForFleet: { timeoutMs: 100 } });
    const error = await killed.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(FleetNotReachedError);
    const { version } = await store.load();
    expect(error).toMatchObject({
      name: 'FleetNotReachedError',
      version,
      missing: held.instances,
      message:
        `The kill of "payments" is stored as version \`${version}\`, but after 100 ms 2 of 2 instances did not serve it: ` +
        '`web-2` (pid 17, serves `memory-0:1`), `web-3` (pid 18, serves nothing yet).',
    });
    expect((await store.load()).state.kills.has('payments')).toBe(true);
    expect(halyard.boolean('payments', true)).toBe(false);
  });

  it('counts who has something newer, who comes, and nobody who is gone', async () => {
    const held = register([{ id: 'ahead' }, { id: 'behind', version: 'memory-0:1' }, { id: 'going' }]);
    const store = withRegister(held);
    const halyard = await start({ store });
    const [lineage] = halyard.health().version!.split(':');
    held.instances[0] = { ...web, id: 'ahead', version: `${lineage}:1000` };
    const isReached = vi.fn();
    const killed = halyard.kill('payments', { ...ana, waitForFleet: true }).then(isReached);
    const looked = async () => {
      const list = vi.spyOn(held, 'list');
      await vi.waitFor(() => expect(list.mock.calls.length).toBeGreaterThan(1), patience);
      expect(isReached).not.toHaveBeenCalled();
    };
    await looked();
    held.instances.pop();
    await looked();
    held.instances.push({ ...web, id: 'coming' });
    held.instances[1] = { ...web, id: 'behind', version: `${lineage}:1` };
    await looked();
    held.instances[2] = { ...web, id: 'coming', version: `${lineage}:1` };
    await killed;
  });

  it('looks again after a list that failed, and says so if the last one did', async () => {
    const held = register();
    const list = vi.spyOn(held, 'list').mockRejectedValueOnce(new Error('away'));
    const halyard = await start({ store: withRegister(held) });
    await halyard.kill('payments', { ...ana, waitForFleet: true });
    expect(list).toHaveBeenCalledTimes(2);
    const away = new Error('redis: away');
    list.mockRejectedValue(away);
    await expect(halyard.restore('payments', { ...ana, waitForFleet: { timeoutMs: 50 } })).rejects.toMatchObject({
      name: 'FleetNotReachedError',
      missing: undefined,
      cause: away,
      message: expect.stringMatching(
        /^The restore of "payments" is stored as version `.*`, but which instances serve it could not be found out: redis: away$/,
      ),
    });
    expect(halyard.boolean('payments', false)).toBe(true);
  });

  it('kills all the same where the store keeps no list, and says at once that nobody knows the rest', async () => {
    const { fleet: _, ...store } = withRegister(register());
    const halyard = await start({ store });
    const killed = halyard.kill('payments', { ...ana, waitForFleet: { timeoutMs: 60_000 } });
    await expect(killed).rejects.toThrow(
      'could not be found out: memory keeps no list of the instances that follow it.',
    );
    expect((await store.load()).state.kills.has('payments')).toBe(true);
  });

  it('does not take another lineage for the change: the store was emptied and filled again', async () => {
    const halyard = await start({ store: withRegister(register([{ version: 'memory-new:1000' }])) });
    await expect(halyard.kill('payments', { ...ana, waitForFleet: { timeoutMs: 50 } })).rejects.toThrow(
      'serves `memory-new:1000`',
    );
  });

  it('does not look at all where the kill could not be written', async () => {
    const held = register();
    const list = vi.spyOn(held, 'list');
    const store = { ...withRegister(held), updateState: () => Promise.reject(new Error('disk full')) };
    const halyard = await start({ store });
    await expect(halyard.kill('payments', { ...ana, waitForFleet: true })).rejects.toThrow(
      'could not be told: disk full',
    );
    expect(list).not.toHaveBeenCalled();
  });

  it('is also possible for a change of the store', async () => {
    const store = shop();
    const [halyard, other] = [await start({ store }), await start({ store })];
    const change = await store.update((document) => ({ ...document, flags: { ...document.flags, fresh: {} } }), ana);
    await halyard.waitForFleet(change.version);
    expect(other.boolean('fresh', false)).toBe(true);
    await expect(halyard.waitForFleet('elsewhere:1', { timeoutMs: 20 })).rejects.toThrow(
      'Version `elsewhere:1` is waited for, but after 20 ms 2 of 2 instances did not serve it',
    );
    await expect(halyard.waitForFleet(undefined as never)).rejects.toThrow(
      'waitForFleet: expected a version, found undefined.',
    );
  });

  it.each([
    [{ waitForFleet: 'yes' }, 'option `waitForFleet`: expected true, false or { timeoutMs }, found "yes"'],
    [
      { waitForFleet: { timeoutMs: -1 } },
      'option `waitForFleet`: option `timeoutMs`: expected a number of milliseconds',
    ],
    [{ waitForFleet: { timeout: 1 } }, 'unknown option `timeout`. Did you mean `timeoutMs`?'],
  ])('with wrong options %j changes nothing', async (options, message) => {
    const halyard = await start();
    await expect(halyard.kill('payments', { ...ana, ...options } as never)).rejects.toThrow(message);
    expect(halyard.boolean('payments', false)).toBe(true);
    await expect(halyard.restore('payments', { ...ana, ...options } as never)).rejects.toThrow(message);
  });

  it('names no more than ten of many', async () => {
    const many = Array.from({ length: 12 }, (_, index) => ({ id: `${index}`, host: `web-${index}\u001b[2J` }));
    const halyard = await start({ store: withRegister(register(many)) });
    const killed = halyard.kill('payments', { ...ana, waitForFleet: { timeoutMs: 20 } });
    await expect(killed).rejects.toThrow(/`web-9.*` \(pid 17, serves nothing yet\) and 2 more\.$/);
    await expect(killed).rejects.not.toThrow('\u001b');
  });
});
