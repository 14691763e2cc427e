import {
  createHalyard,
  type Halyard,
  type HalyardEvents,
  type HalyardOptions,
  memoryStore,
  type MemoryStore,
} from 'halyard';
import { afterEach, vi } from 'vitest';
import type { WrittenBreaker } from '../../src/flags/flag-document.js';

/** A Halyard whose flag `payments` has a breaker, and a clock that stands still until it is told. */
export interface Guarded {
  readonly halyard: Halyard;
  readonly store: MemoryStore;
  readonly log: Record<'debug' | 'info' | 'warn' | 'error', ReturnType<typeof vi.fn>>;
  /** Moves the clock. */
  readonly wait: (milliseconds: number) => void;
  readonly succeed: (times?: number) => void;
  /** Each call throws, and takes this long. */
  readonly fail: (times?: number) => void;
  readonly succeedIn: (milliseconds: number, times?: number) => void;
  /** Whether a call would be let through now. It is none: it counts neither way. */
  readonly isRefused: () => boolean;
  readonly status: () => string | undefined;
  readonly trips: HalyardEvents['trip'][];
  readonly resets: HalyardEvents['reset'][];
  /** Another breaker for `payments`, or none. */
  readonly configure: (breaker: WrittenBreaker | undefined, more?: object) => Promise<void>;
}

export const START = Date.UTC(2027, 0, 1);

const documentWith = (breaker: WrittenBreaker | undefined, more: object = {}) => ({
  version: 1 as const,
  flags: { payments: { kind: 'operational' as const, ...(breaker && { breaker }), ...more }, mail: { breaker: {} } },
});

const open: Halyard[] = [];

afterEach(async () => {
  for (const halyard of open.splice(0)) await halyard.close();
});

export async function startGuarded(
  breaker: WrittenBreaker | undefined,
  options: Partial<HalyardOptions> = {},
): Promise<Guarded> {
  let now = START;
  const store = memoryStore(documentWith(breaker));
  const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const halyard = await createHalyard({ store, logger: log, clock: { now: () => now }, ...options });
  open.push(halyard);
  const [trips, resets]: [HalyardEvents['trip'][], HalyardEvents['reset'][]] = [[], []];
  halyard.on('trip', (event) => trips.push(event));
  halyard.on('reset', (event) => resets.push(event));
  const call = (work: () => void, times: number): void => {
    for (let count = 0; count < times; count += 1) halyard.protect('payments', work, { fallback: () => undefined });
  };
  const wait = (milliseconds: number): void => void (now += milliseconds);
  return {
    halyard,
    store,
    log,
    trips,
    resets,
    wait,
    succeed: (times = 1) => call(() => undefined, times),
    fail(times = 1) {
      for (let count = 0; count < times; count += 1) attempt(() => call(throwBroken, 1));
    },
    succeedIn: (milliseconds, times = 1) => call(() => wait(milliseconds), times),
    isRefused() {
      let isRefused = true;
      const ask = () => {
        isRefused = false;
        throw new Error('none');
      };
      attempt(() => halyard.protect('payments', ask, { fallback: () => undefined, isFailure: () => false }));
      return isRefused;
    },
    status: () => halyard.breakers().find(({ flagKey }) => flagKey === 'payments')?.status,
    async configure(next, more) {
      const changed = new Promise((resolve) => halyard.on('change', resolve));
      store.set(documentWith(next, more));
      await changed;
    },
  };
}

function throwBroken(): never {
  throw new Error('broken');
}

function attempt(act: () => unknown): void {
  try {
    act();
  } catch {
    // What is thrown is not what is asked about.
  }
}
