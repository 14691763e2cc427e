import fc from 'fast-check';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { createHalyard } from '../../src/create-halyard.js';
import type { Halyard } from '../../src/halyard.js';
import { type MemoryStore, memoryStore } from '../../src/stores/memory-store.js';
import { quietLogger } from './quiet-logger.js';
import { EVALUATIONS, scrape } from './scrape.js';

const flagKeys = ['one', 'two', 'three'];

type Step = 'open' | 'close' | 'evaluate' | 'replace' | 'kill' | 'restore';

interface Running {
  readonly halyard: Halyard;
  readonly store: MemoryStore;
}

const documentOf = (seed: number) => ({
  version: 1 as const,
  flags: Object.fromEntries(
    flagKeys.filter((_, index) => (seed >> index) % 2 === 0).map((key) => [key, { rollout: seed % 101 }]),
  ),
});

it('never lets a counter go down or away, whatever happens to Halyards and their flags', async () => {
  const steps = fc.array(
    fc.tuple(fc.constantFrom<Step>('open', 'close', 'evaluate', 'replace', 'kill', 'restore'), fc.nat(1_000)),
    { maxLength: 30 },
  );
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      const registry = new Registry();
      const running: Running[] = [await start(registry)];
      let before: Record<string, number> = {};
      for (const [step, seed] of script) {
        await take(step, seed, running, registry);
        const after = await scrape(registry, EVALUATIONS);
        for (const [series, count] of Object.entries(before)) expect(after[series]).toBeGreaterThanOrEqual(count);
        before = after;
      }
      await Promise.all(running.map(({ halyard }) => halyard.close()));
      expect(await scrape(registry, EVALUATIONS)).toEqual(before);
    }),
    { numRuns: 60 },
  );
});

async function start(registry: Registry): Promise<Running> {
  const store = memoryStore(documentOf(0));
  return { store, halyard: await createHalyard({ store, registry, logger: quietLogger }) };
}

async function take(step: Step, seed: number, running: Running[], registry: Registry): Promise<void> {
  const chosen = running[seed % Math.max(running.length, 1)];
  const key = flagKeys[seed % flagKeys.length]!;
  const why = { by: 'test', reason: 'test' };
  if (step === 'open') running.push(await start(registry));
  if (chosen === undefined) return;
  if (step === 'close') {
    running.splice(running.indexOf(chosen), 1);
    await chosen.halyard.close();
  } else if (step === 'evaluate') {
    for (const flagKey of flagKeys) chosen.halyard.boolean(flagKey, false, { targetingKey: `user-${seed}` });
  } else if (step === 'replace') {
    chosen.store.set(documentOf(seed));
    await chosen.halyard.refresh();
  } else if (step === 'kill') {
    await chosen.halyard.kill(key, { ...why, create: true });
  } else if (step === 'restore') {
    // Refused for a key that is neither in the document nor killed.
    await chosen.halyard.restore(key, why).catch(() => undefined);
  }
}
