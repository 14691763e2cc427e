import { type EvaluationContext, OpenFeature } from '@openfeature/server-sdk';
import { expect } from 'vitest';
import { step, type StepDefinition, tableStep } from './steps.js';
import type { World } from './world.js';

/** What a scenario adds to the context, by level. */
const contexts = new WeakMap<World, Readonly<Record<string, EvaluationContext>>>();
/** The levels that a scenario names, in increasing precedence. */
const precedence = new WeakMap<World, readonly string[]>();

function add(world: World, level: string, key: string, value: string): void {
  const before = contexts.get(world) ?? {};
  contexts.set(world, { ...before, [level]: { ...before[level], [key]: value } });
}

/** Evaluates some flag with each level's context where it belongs. */
async function evaluateWithLevels(world: World): Promise<void> {
  const { API, Transaction = {}, Client, Invocation, 'Before Hooks': beforeHooks } = contexts.get(world) ?? {};
  if (API) OpenFeature.setContext(API);
  if (Client) world.client.setContext(Client);
  if (Invocation) world.context = Invocation;
  if (beforeHooks) world.client.addHooks({ before: () => beforeHooks });
  world.flag = { type: 'boolean', key: 'boolean-flag', fallback: false };
  world.details = await new Promise((resolve) => {
    OpenFeature.setTransactionContext(Transaction, () => resolve(world.evaluate()));
  });
}

export const contextSteps: readonly StepDefinition<World>[] = [
  step(/^A context entry with key "(.*)" and value "(.*)" is added to the "(.*)" level$/, (world, key, value, level) =>
    add(world, level, key, value),
  ),
  tableStep(/^A table with levels of increasing precedence$/, (world, rows) => {
    precedence.set(world, rows.flat());
  }),
  step(
    /^Context entries for each level from API level down to the "(.*)" level, with key "(.*)" and value "(.*)"$/,
    (world, lowest, key) => {
      // The value that must win is named after its level; the others after theirs.
      const levels = precedence.get(world) ?? [];
      for (const level of levels.slice(0, levels.indexOf(lowest) + 1)) add(world, level, key, level);
    },
  ),
  step(/^Some flag was evaluated$/, evaluateWithLevels),
  step(/^The merged context contains an entry with key "(.*)" and value "(.*)"$/, (world, key, value) => {
    expect(world.mergedContext).toHaveProperty([key], value);
  }),
];
