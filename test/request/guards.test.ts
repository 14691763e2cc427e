import { afterEach, describe, expect, it, vi } from 'vitest';
import { createHalyard } from '../../src/create-halyard.js';
import type { Halyard } from '../../src/halyard.js';
import type { HalyardOptions } from '../../src/halyard-options.js';
import { createKillSwitchGuard } from '../../src/request/kill-switch-guard.js';
import { RUNTIME } from '../../src/runtime/runtime.js';
import { createRequireFlagGuard } from '../../src/request/require-flag-guard.js';
import { memoryStore } from '../../src/stores/memory-store.js';
import { shop, silent } from '../contracts/adapter/bench.js';

describe('a guard of a flag', () => {
  const endings: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of endings.splice(0)) await end();
  });

  /** A Halyard whose store is down until `repair` is called. */
  async function startWithout(
    options: Partial<HalyardOptions> = {},
  ): Promise<{ halyard: Halyard; repair: () => Promise<void> }> {
    const store = memoryStore(shop);
    const load = vi.spyOn(store, 'load').mockRejectedValue(new Error('down'));
    const halyard = await createHalyard({ store, startWithout: true, watch: false, logger: silent(), ...options });
    endings.push(() => halyard.close());
    return {
      halyard,
      async repair() {
        load.mockRestore();
        await halyard.refresh();
      },
    };
  }

  it('whose key no document has is told about as soon as one is loaded, once', async () => {
    const logger = silent();
    const { halyard, repair } = await startWithout({ logger });
    createKillSwitchGuard(halyard, 'paymants', {});
    createRequireFlagGuard(halyard, 'paymants', {});
    createKillSwitchGuard(halyard, 'payments', {});
    expect(logger.warn).not.toHaveBeenCalled();
    const told = vi.waitFor(() => expect(logger.warn).toHaveBeenCalled());
    await repair();
    await told;
    expect(logger.warn.mock.calls).toEqual([
      [{ flagKey: 'paymants' }, 'No flag has the key `paymants`. Did you mean `payments`?'],
    ]);
    expect(halyard[RUNTIME].listeners.of('ready')).toEqual([]);
  });

  it('decides by the flags that serve at the moment of the request', async () => {
    const { halyard, repair } = await startWithout();
    const isBlocked = createKillSwitchGuard(halyard, 'disabled', {});
    const isRefused = createRequireFlagGuard(halyard, 'payments', {});
    expect(isBlocked({})).toBeUndefined();
    expect(isRefused({})).toMatchObject({ status: 404 });
    await repair();
    expect(isBlocked({})).toMatchObject({ status: 503 });
    expect(isRefused({})).toBeUndefined();
  });

  it('that needs to know for whom, on requests that nobody gave flags, says so once', async () => {
    const logger = silent();
    const { halyard, repair } = await startWithout({ logger });
    await repair();
    const isRefused = createRequireFlagGuard(halyard, 'beta', {});
    const isRefusedToAll = createRequireFlagGuard(halyard, 'disabled', {});
    for (let round = 0; round < 2; round += 1)
      for (const guard of [isRefused, isRefusedToAll]) expect(guard({})).toMatchObject({ status: 404 });
    expect(logger.warn.mock.calls).toEqual([
      [{ flagKey: 'beta' }, "requireFlag('beta') can't tell for whom the flag is on: put flags() before it."],
    ]);
  });

  it.each([undefined, '', 7])('without a key throws: %j', async (key) => {
    const { halyard } = await startWithout();
    expect(() => createKillSwitchGuard(halyard, key as string, {})).toThrow('killSwitch: expected a flag key');
    expect(() => createRequireFlagGuard(halyard, key as string, {})).toThrow('requireFlag: expected a flag key');
  });

  it('answers with a value that is made once and frozen', async () => {
    const { halyard, repair } = await startWithout();
    await repair();
    const guard = createKillSwitchGuard(halyard, 'disabled', {});
    const answer = guard({});
    expect(guard({})).toBe(answer);
    expect(Object.isFrozen(answer) && Object.isFrozen(answer?.headers)).toBe(true);
    expect(answer?.headers['Content-Length']).toBe(String(Buffer.byteLength(answer?.body ?? '')));
  });
});
