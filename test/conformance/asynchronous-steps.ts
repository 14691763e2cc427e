import { expect } from 'vitest';
import { step, type StepDefinition } from './steps.js';
import type { World } from './world.js';

/** Evaluating while other work goes on. */
export const asynchronousSteps: readonly StepDefinition<World>[] = [
  step(/^the flag was evaluated with details asynchronously$/, async (world) => {
    let isDone = false;
    const evaluation = world.evaluate().finally(() => {
      isDone = true;
    });
    expect(isDone).toBe(false);
    world.details = await evaluation;
    expect(isDone).toBe(true);
  }),
  step(/^the evaluation should complete without blocking$/, (world) => expect(world.details.errorCode).toBeUndefined()),
];
