import type { EvaluationDetails, FlagValue, Hook } from '@openfeature/server-sdk';
import { expect } from 'vitest';
import { step, type StepDefinition, tableStep } from './steps.js';
import { readValue, type World } from './world.js';

interface HookCall {
  readonly hook: string;
  readonly stage: string;
  readonly details?: EvaluationDetails<FlagValue>;
}

const calls = new WeakMap<World, HookCall[]>();
const callsOf = (world: World): readonly HookCall[] => calls.get(world) ?? [];

/** A hook that remembers its calls. */
function recordingHook(world: World, hook: string): Hook {
  const record = (stage: string, details?: EvaluationDetails<FlagValue>) => {
    calls.set(world, [...callsOf(world), { hook, stage, ...(details && { details }) }]);
  };
  return {
    before: () => record('before'),
    after: (_context, details) => record('after', details),
    error: () => record('error'),
    finally: (_context, details) => record('finally', details),
  };
}

/** The words of the suite's tables for the fields of evaluation details. */
const fields = {
  flag_key: 'flagKey',
  value: 'value',
  variant: 'variant',
  reason: 'reason',
  error_code: 'errorCode',
} as const;

export const hookSteps: readonly StepDefinition<World>[] = [
  step(/^a client with added hook$/, (world) => world.client.addHooks(recordingHook(world, 'client'))),
  step(/^the "(\w+)" hook should have been executed$/, (world, stage) => {
    expect(callsOf(world).map((call) => call.stage)).toContain(stage);
  }),
  tableStep(/^the "(.+)" hooks should be called with evaluation details$/, (world, [, ...rows], stages) => {
    for (const stage of stages.split(', ')) {
      const details = callsOf(world).find((call) => call.stage === stage)?.details;
      for (const [type = '', name = '', text = ''] of rows) {
        const expected = text === 'null' ? undefined : readValue(type, text);
        expect(details?.[fields[name as keyof typeof fields]], `${name} in ${stage}`).toEqual(expected);
      }
    }
  }),

  step(/^evaluation options containing specific hooks$/, (world) => {
    world.options = { hooks: [recordingHook(world, 'first'), recordingHook(world, 'second')] };
  }),
  step(/^the flag was evaluated with details using the evaluation options$/, async (world) => {
    world.details = await world.evaluate();
  }),
  step(/^the specified hooks should execute during evaluation$/, (world) => {
    expect(new Set(callsOf(world).map(({ hook }) => hook))).toEqual(new Set(['first', 'second']));
  }),
  step(/^the hook order should be maintained$/, (world) => {
    expect(callsOf(world).map(({ hook, stage }) => `${hook} ${stage}`)).toEqual([
      'first before',
      'second before',
      'second after',
      'first after',
      'second finally',
      'first finally',
    ]);
  }),
];
