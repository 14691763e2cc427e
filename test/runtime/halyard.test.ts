import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ChangeEvent,
  createHalyard,
  type FlagDocument,
  FlagDocumentError,
  fileStore,
  type FlagStore,
  type Halyard,
  type HalyardOptions,
  type Logger,
  memoryStore,
} from 'halyard';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { emptyFlagState } from '../../src/flags/flag-state.js';

const document = (flags: FlagDocument['flags']): FlagDocument => ({ version: 1, flags });
const open: Halyard[] = [];

const start = async (options: HalyardOptions): Promise<Halyard> => {
  const halyard = await createHalyard(options);
  open.push(halyard);
  return halyard;
};

const recordingLogger = () => ({ debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() }) satisfies Logger;
const messages = (log: ReturnType<typeof vi.fn>): string =>
  log.mock.calls.map(([, message]) => String(message)).join('\n');

/** A store that fails until it is mended. */
const brokenStore = (): FlagStore & { mend(flags: FlagDocument['flags']): void; breakDown(): void } => {
  const inner = memoryStore(document({}));
  let error: Error | undefined = new Error('connection refused');
  return {
    name: 'remote',
    refuses: 'flags',
    load: () => (error === undefined ? inner.load() : Promise.reject(error)),
    watch: (onChange) => inner.watch(onChange),
    close: () => inner.close(),
    mend(flags) {
      error = undefined;
      inner.set(document(flags));
    },
    breakDown() {
      error = new Error('connection refused');
    },
  };
};

afterEach(async () => {
  vi.unstubAllEnvs();
  vi.useRealTimers();
  await Promise.all(open.splice(0).map((halyard) => halyard.close()));
});

describe('options', () => {
  it.each([
    [{}, /option `store`: expected a store/],
    [{ store: {} }, /option `store`/],
    [
      { store: memoryStore(document({})), stratWithout: true },
      /unknown option `stratWithout`. Did you mean `startWithout`\?/,
    ],
    [
      { store: memoryStore(document({})), startTimeoutMs: -1 },
      /`startTimeoutMs`: expected a number of milliseconds above 0, of at most 24 days, found -1/,
    ],
    [{ store: memoryStore(document({})), logger: console.log }, /`logger`/],
    [undefined, /expected an object of options/],
  ])('that are wrong are named: %#', async (options, message) => {
    await expect(createHalyard(options as unknown as HalyardOptions)).rejects.toThrow(message);
  });

  it('HALYARD_FLAGS and HALYARD_KILL add to what the code says, and win', async () => {
    vi.stubEnv('HALYARD_FLAGS', 'a=off, b = on');
    vi.stubEnv('HALYARD_KILL', 'payments');
    const halyard = await start({
      store: memoryStore(document({ a: {}, b: { serve: 'off' }, c: {}, payments: {}, signups: {} })),
      overrides: { a: 'on', c: false },
      kills: ['signups'],
    });
    expect(['a', 'b', 'c', 'payments', 'signups'].map((key) => halyard.boolean(key, true))).toEqual([
      false,
      true,
      false,
      false,
      false,
    ]);
  });

  it('that name unknown flags or variants are told once', async () => {
    const logger = recordingLogger();
    vi.stubEnv('HALYARD_KILL', 'paymants');
    await start({ store: memoryStore(document({ payments: {} })), overrides: { payments: 'bright' }, logger });
    await vi.waitFor(() => expect(messages(logger.warn)).toContain('Did you mean `payments`?'));
    expect(messages(logger.warn)).toContain('payments=bright has no effect: the variants are on, off.');
  });
});

describe('when nothing can be loaded', () => {
  it('createHalyard rejects with the located problems', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'halyard-'));
    const path = join(folder, 'flags.yaml');
    await writeFile(
      path,
      'version: 1\nflags:\n  new-checkout:\n    percentge: 10\n  beta:\n    targets: { on: [a] }\n',
    );
    try {
      const error = await createHalyard({ store: fileStore(path), logger: recordingLogger() }).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(FlagDocumentError);
      expect((error as FlagDocumentError).message).toMatch(
        /flags\.yaml:4:5 flags\.new-checkout\.percentge: .*rollout: 10/,
      );
      expect((error as FlagDocumentError).message).toMatch(/flags\.yaml:5:3 flags\.beta: .*serve: off/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('and the store does not answer, it rejects after startTimeoutMs', async () => {
    const store: FlagStore = {
      name: 'slow',
      refuses: 'whole',
      load: () => new Promise(() => undefined),
      close: () => Promise.resolve(),
    };
    await expect(createHalyard({ store, startTimeoutMs: 20 })).rejects.toThrow(
      'slow did not answer within 20 ms (startTimeoutMs).',
    );
  });

  it('startWithout starts empty and recovers later', async () => {
    const store = brokenStore();
    const logger = recordingLogger();
    const halyard = await start({ store, startWithout: true, logger });
    expect(halyard.health()).toMatchObject({ status: 'error', version: undefined, flags: 0 });
    expect(halyard.details('a', true)).toMatchObject({ value: true, errorCode: 'PROVIDER_NOT_READY' });
    expect(messages(logger.error)).toContain('connection refused');

    const ready = new Promise((resolve) => halyard.on('ready', resolve));
    store.mend({ a: { serve: 'off' } });
    await ready;
    expect(halyard.boolean('a', true)).toBe(false);
    expect(halyard.health()).toMatchObject({ status: 'ready', flags: 1 });
  });
});

describe('a change', () => {
  it('is told when the new answers are live, with the keys that changed', async () => {
    const store = memoryStore(document({ a: {}, b: {} }));
    const halyard = await start({ store });
    const seen = new Promise<[ChangeEvent, boolean]>((resolve) =>
      halyard.on('change', (event) => resolve([event, halyard.boolean('a', true)])),
    );
    store.set(document({ a: { serve: 'off' }, b: {} }));
    const [event, value] = await seen;
    expect(event).toMatchObject({ flagKeys: ['a'], cause: 'store', version: halyard.health().version });
    expect(value).toBe(false);
  });

  it('is not missed while an earlier one is loaded', async () => {
    const store = memoryStore(document({ a: { rollout: 0 } }));
    const halyard = await start({ store });
    for (let percentage = 1; percentage <= 100; percentage += 1) store.set(document({ a: { rollout: percentage } }));
    await vi.waitFor(() => expect(halyard.boolean('a', false)).toBe(true));
  });

  it('made by time is told too', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    const now = Date.now();
    const halyard = await start({ store: memoryStore(document({ a: {}, b: { requires: [{ flag: 'a' }] } })) });
    await halyard.kill('a', { by: 'ana', reason: 'test', forSeconds: 60 });
    expect(halyard.boolean('b', true)).toBe(false);
    const told: (readonly [ChangeEvent, number])[] = [];
    halyard.on('change', (event) => told.push([event, Date.now()]));
    await vi.advanceTimersByTimeAsync(120_000);
    const [[event, at] = [undefined, 0], ...others] = told;
    expect(event).toMatchObject({ cause: 'time', flagKeys: ['a', 'b'] });
    expect(at).toBeGreaterThanOrEqual(now + 60_000);
    expect(others).toEqual([]);
    expect(halyard.boolean('b', false)).toBe(true);
  });

  it('that a listener can not stand harms nobody', async () => {
    const store = memoryStore(document({ a: {} }));
    const logger = recordingLogger();
    const halyard = await start({ store, logger });
    halyard.on('change', () => {
      throw new Error('listener broke');
    });
    halyard.on('change', () => Promise.reject(new Error('listener rejected')) as unknown as undefined);
    const told = new Promise((resolve) => halyard.on('change', resolve));
    store.set(document({ a: { serve: 'off' } }));
    await told;
    await vi.waitFor(() => expect(messages(logger.error)).toMatch(/listener broke[^]*listener rejected/));
  });
});

describe('a store that fails later', () => {
  it('leaves the last good flags serving, and is told as stale, once', async () => {
    const store = brokenStore();
    store.mend({ a: {} });
    const logger = recordingLogger();
    const halyard = await start({ store, logger });
    const stale = vi.fn();
    halyard.on('stale', stale);
    store.breakDown();
    await halyard.refresh();
    await halyard.refresh();
    expect(stale).toHaveBeenCalledTimes(1);
    expect(halyard.health()).toMatchObject({
      status: 'stale',
      lastError: { error: { message: 'connection refused' } },
    });
    expect(halyard.boolean('a', false)).toBe(true);
    expect(logger.error).toHaveBeenCalledTimes(1);
    store.mend({ a: { serve: 'off' } });
    await halyard.refresh();
    expect(halyard.health().status).toBe('ready');
    expect(halyard.boolean('a', true)).toBe(false);
  });

  it('and holds a flag that this version can not read, refuses that flag alone', async () => {
    const store = brokenStore();
    store.mend({ a: { serve: 'off' }, b: {} });
    const halyard = await start({ store, logger: recordingLogger() });
    const error = new Promise((resolve) => halyard.on('error', resolve));
    const newer = {
      version: 1,
      flags: { a: { newWord: 1 }, b: { serve: 'off' }, c: { newWord: 1 } },
    } as unknown as FlagDocument;
    store.load = () =>
      Promise.resolve({
        document: [{ name: 'remote', text: JSON.stringify(newer) }],
        state: emptyFlagState,
        version: 'x:9',
      });
    await halyard.refresh();
    await error;
    expect([halyard.boolean('a', true), halyard.boolean('b', true)]).toEqual([false, false]);
    expect(halyard.details('c', true)).toMatchObject({ value: true, errorCode: 'PARSE_ERROR' });
    expect(halyard.health().status).toBe('ready');
  });
});

describe('refresh', () => {
  it('is for hosts that freeze timers: with watch: false nothing happens by itself', async () => {
    const store = memoryStore(document({ a: {} }));
    const watch = vi.spyOn(store, 'watch');
    const halyard = await start({ store, watch: false });
    expect(watch).not.toHaveBeenCalled();
    store.set(document({ a: { serve: 'off' } }));
    await halyard.refresh({ olderThanMs: 60_000 });
    expect(halyard.boolean('a', false)).toBe(true);
    await halyard.refresh();
    expect(halyard.boolean('a', true)).toBe(false);
  });
});

describe('what nobody should do', () => {
  it('asking for a key that is no text harms nothing', async () => {
    const halyard = await start({ store: memoryStore(document({})), logger: recordingLogger() });
    for (const key of [undefined, null, {}, 5, Symbol('x')]) {
      expect(halyard.boolean(key as string, true)).toBe(true);
    }
    await new Promise((resolve) => setImmediate(resolve));
  });

  it('a logger that throws stops nothing', async () => {
    const store = brokenStore();
    store.mend({ a: {} });
    const fail = (): never => {
      throw new Error('the worker has exited');
    };
    const halyard = await start({ store, logger: { debug: fail, info: fail, warn: fail, error: fail } });
    store.breakDown();
    await halyard.refresh();
    store.mend({ a: { serve: 'off' } });
    await halyard.refresh();
    expect(halyard.boolean('a', true)).toBe(false);
  });

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('the worker has exited');
      },
    ],
    ['rejects', () => Promise.reject(new Error('the worker has exited'))],
  ])('a logger that %s does not end the process that asks for an unknown key', async (_what, fail) => {
    const warn = vi.fn(fail);
    const halyard = await start({ store: memoryStore(document({})), logger: { ...recordingLogger(), warn } });
    expect(halyard.boolean('missing', true)).toBe(true);
    await vi.waitFor(() => expect(warn).toHaveBeenCalled());
  });

  it('a store that can not be watched is loaded all the same', async () => {
    const store = memoryStore(document({ a: {} }));
    vi.spyOn(store, 'watch').mockImplementation(() => {
      throw new Error('no watchers left');
    });
    const halyard = await start({ store, logger: recordingLogger() });
    expect(halyard.health()).toMatchObject({ status: 'ready', lastError: { error: { message: 'no watchers left' } } });
  });

  it('listening to an event that does not exist is an error', async () => {
    const halyard = await start({ store: memoryStore(document({})) });
    expect(() => halyard.on('chnage' as 'change', () => undefined)).toThrow('Did you mean `change`?');
  });
});

describe('time', () => {
  it('is told although other flags change all the time, and once although nothing else does', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: Date.UTC(2027, 0, 1) });
    const curve = { curve: 'linear', from: 0, to: 100, start: '2027-01-01', hours: 10 } as const;
    const store = memoryStore(
      document({ moving: { rollout: curve }, still: { enabled: false, rollout: curve }, other: {} }),
    );
    const halyard = await start({ store });
    const told: string[] = [];
    halyard.on('change', ({ cause, flagKeys }) => {
      if (cause === 'time') told.push(...flagKeys);
    });
    for (let seconds = 0; seconds < 600; seconds += 50) {
      await vi.advanceTimersByTimeAsync(50_000);
      halyard.override('other', seconds % 100 === 0);
    }
    expect(told.length).toBeGreaterThanOrEqual(5);
    expect(new Set(told)).toEqual(new Set(['moving']));
  });
});

describe('close', () => {
  it('may be called twice, and leaves the last flags serving', async () => {
    const store = memoryStore(document({ a: {} }));
    const close = vi.spyOn(store, 'close');
    const halyard = await start({ store });
    await Promise.all([halyard.close(), halyard.close()]);
    expect(close).toHaveBeenCalledTimes(1);
    expect(halyard.boolean('a', false)).toBe(true);
    expect(halyard.health().status).toBe('closed');
  });
});

describe('all', () => {
  it('gives the values by key, without counting', async () => {
    const halyard = await start({
      store: memoryStore(document({ a: {}, constructor: { serve: 'off' }, none: { rollout: 50 } })),
    });
    expect(halyard.all({})).toEqual(
      Object.fromEntries([
        ['a', true],
        ['constructor', false],
      ]),
    );
  });
});

describe('an unknown key', () => {
  it('is told once, after the evaluation, with the nearest one', async () => {
    const logger = recordingLogger();
    const halyard = await start({ store: memoryStore(document({ 'new-checkout': {} })), logger });
    for (let count = 0; count < 10; count += 1) halyard.boolean('new-chekout', false);
    expect(logger.warn).not.toHaveBeenCalled();
    await vi.waitFor(() => expect(logger.warn).toHaveBeenCalledTimes(1));
    expect(messages(logger.warn)).toBe('No flag has the key `new-chekout`. Did you mean `new-checkout`?');
  });
});

describe('explain', () => {
  it('shows every step, every condition and the bucket', async () => {
    const halyard = await start({
      store: memoryStore({
        version: 1,
        flags: {
          'new-checkout': {
            targets: { on: ['user_123'] },
            rules: [{ name: 'paying', when: { plan: ['pro', 'enterprise'], segment: 'na' }, serve: 'on' }],
            rollout: 30,
          },
        },
        segments: { na: { country: ['US', 'CA'] } },
      }),
    });
    expect(String(halyard.explain('new-checkout', { targetingKey: 'user-2', plan: 'pro', country: 'DE' })))
      .toBe(`new-checkout = true (variant on, SPLIT)
  ✗ unit "user-2" is not among the targets
  ✗ rule 1 "paying"
      ✗ all of
        ✓ plan in "pro", "enterprise", found "pro"
        ✗ segment na
          ✗ country in "US", "CA", found "DE"
  ✓ rollout of 30 %: in (targetingKey is at 23.104 % of ring "new-checkout", point 992310789)`);
  });

  it('names the key that was probably meant', async () => {
    const halyard = await start({ store: memoryStore({ version: 1, flags: { 'new-checkout': {} } }) });
    expect(String(halyard.explain('new-chekout'))).toBe(`new-chekout = the caller's default (ERROR, FLAG_NOT_FOUND)
  ✗ The document has no flag with this key. Did you mean \`new-checkout\`?`);
  });
});
