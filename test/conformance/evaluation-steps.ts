import { expect } from 'vitest';
import { step, type StepDefinition, tableStep } from './steps.js';
import { type FlagType, readValue, type World } from './world.js';

/** Naming a flag and a context, evaluating, looking at the answer. */
export const evaluationSteps: readonly StepDefinition<World>[] = [
  step(/^a (\w+)-flag with key "([^"]*)" and a fallback value "(.*)"$/i, (world, type, key, fallback) => {
    world.flag = { type: type.toLowerCase() as FlagType, key, fallback: readValue(type, fallback) };
  }),
  step(
    /^a context containing a key "([^"]*)", with type "([^"]*)" and with value "(.*)"$/,
    (world, key, type, value) => {
      world.context = { ...world.context, [key]: readValue(type, value) };
    },
  ),
  step(/^a context containing a key "([^"]*)" with null value$/, (world, key) => {
    world.context = { ...world.context, [key]: null };
  }),
  step(/^the flag was evaluated with details$/, async (world) => {
    world.details = await world.evaluate();
  }),

  step(/^the resolved details value should be "(.*)"$/, (world, value) => {
    expect(world.details.value).toEqual(readValue(world.asked.type, value));
  }),
  step(/^the reason should be "(.*)"$/, (world, reason) => expect(world.details.reason).toBe(reason)),
  step(/^the variant should be "(.*)"$/, (world, variant) => expect(world.details.variant).toBe(variant)),
  step(/^the flag key should be "(.*)"$/, (world, key) => expect(world.details.flagKey).toBe(key)),
  step(/^the error-code should be "(.*)"$/, (world, code) => expect(world.details.errorCode).toBe(code)),
  tableStep(/^the resolved metadata should contain$/, (world, [, ...rows]) => {
    const expected = rows.map(([key = '', type = '', value = '']) => [key, readValue(type, value)] as const);
    expect(world.details.flagMetadata).toEqual(Object.fromEntries(expected));
  }),
  step(/^the resolved metadata is empty$/, (world) => expect(world.details.flagMetadata).toEqual({})),
];
