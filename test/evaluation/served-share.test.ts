import { describe, expect, it } from 'vitest';
import { AttributeReaders } from '../../src/evaluation/evaluation-context.js';
import { explainFlag } from '../../src/evaluation/explain.js';
import { changedKeys } from '../../src/evaluation/flag-set-changes.js';
import type { FlagSet } from '../../src/evaluation/flag-set.js';
import { latestChange } from '../../src/evaluation/latest-change.js';
import { nextChange } from '../../src/evaluation/next-change.js';
import { emptyFlagState, type FlagState } from '../../src/flags/flag-state.js';
import { type RolloutProgress, startRollout } from '../../src/flags/rollout-progress.js';
import { evaluate, flagSetOf } from './evaluate-document.js';

const start = Date.parse('2027-01-10T09:00:00Z');
const stages = [{ percentage: 10, hours: 1 }, { percentage: 50, hours: 1 }, { percentage: 100 }];
const document = (rollout: object = {}, more: object = {}): object => ({
  version: 1,
  flags: { f: { rollout: { stages, checks: {}, ...rollout }, ...more } },
});

const stateOf = (progress: RolloutProgress): FlagState => ({ ...emptyFlagState, rollouts: new Map([['f', progress]]) });
const running = (stage: number, seed = 'f'): RolloutProgress => ({ ...startRollout(seed, 'halyard', start), stage });

/** How many of 10,000 units are in, in percent. */
function share(set: FlagSet, now: number = start): number {
  let count = 0;
  for (let unit = 0; unit < 10_000; unit += 1) {
    if (evaluate(set, 'f', { targetingKey: `user-${unit}` }, now).variant === 'on') count += 1;
  }
  return Math.round(count / 100);
}

describe('a watched rollout serves', () => {
  it.each<[string, RolloutProgress | undefined, number]>([
    ['its first stage before it has begun', undefined, 10],
    ['the stage that is running', running(1), 50],
    [
      'the stage that is paused',
      { ...running(1), status: 'paused', reason: 'lunch', at: start } as RolloutProgress,
      50,
    ],
    [
      'nobody once it was rolled back',
      { status: 'rolled-back', seed: 'f', by: 'halyard', stage: 1, reason: 'errors', at: start, restsUntil: start },
      0,
    ],
    ['the last stage once it is complete', { status: 'completed', seed: 'f', by: 'halyard', at: start }, 100],
    ['its first stage when progress is of a rollout with another seed', running(1, 'former'), 10],
    ['its first stage when progress is at a stage that is no longer written', running(7), 10],
  ])('%s', (_, progress, percentage) => {
    expect(share(flagSetOf(document(), undefined, progress === undefined ? emptyFlagState : stateOf(progress)))).toBe(
      percentage,
    );
  });

  it('only adds units from stage to stage', () => {
    const sets = [0, 1, 2].map((stage) => flagSetOf(document(), undefined, stateOf(running(stage))));
    for (let unit = 0; unit < 1_000; unit += 1) {
      const isIn = sets.map((set) => evaluate(set, 'f', { targetingKey: `user-${unit}` }).variant === 'on');
      expect(isIn).toEqual(isIn.toSorted());
    }
  });

  it('targets and rules as they are written, also once it was rolled back', () => {
    const set = flagSetOf(
      document({}, { targets: { on: ['ana'] } }),
      undefined,
      stateOf({ status: 'rolled-back', seed: 'f', by: 'halyard', stage: 0, reason: '', at: start, restsUntil: start }),
    );
    expect(evaluate(set, 'f', { targetingKey: 'ana' })).toMatchObject({ variant: 'on', reason: 'TARGETING_MATCH' });
    expect(share(set)).toBe(0);
  });

  it('the share of an experiment, whose variants stay where they are', () => {
    const split = { variants: { a: 1, b: 2, off: 0 }, split: { a: 50, b: 50 } };
    const at = (stage: number): FlagSet => flagSetOf(document({}, split), undefined, stateOf(running(stage)));
    const [ten, fifty] = [at(0), at(1)];
    const kept = Array.from({ length: 1_000 }, (_, unit) => ({ targetingKey: `user-${unit}` })).filter(
      (context) => evaluate(ten, 'f', context).variant !== 'off',
    );
    expect(kept.length).toBeGreaterThan(50);
    for (const context of kept) {
      expect(evaluate(fifty, 'f', context).variant).toBe(evaluate(ten, 'f', context).variant);
    }
  });
});

describe('the progress of a watched rollout', () => {
  it('changes only its flag, and only when the share is another', () => {
    const first = flagSetOf(document(), undefined, stateOf(running(0)));
    const looked = flagSetOf(
      document(),
      first,
      stateOf({ ...running(0), judgedUntil: start + 60_000 } as RolloutProgress),
    );
    const promoted = flagSetOf(document(), looked, stateOf(running(1)));
    expect(changedKeys(first, looked)).toEqual([]);
    expect(changedKeys(looked, promoted)).toEqual(['f']);
  });

  it('leaves a schedule alone that time moves', () => {
    const rollout = { checks: undefined, start: new Date(start).toISOString() };
    const set = flagSetOf(document(rollout), undefined, stateOf(running(2)));
    expect(share(set)).toBe(10);
    expect(nextChange(set.flags.get('f')!, start)).toBe(start + 3_600_000);
  });

  it('takes the place of the start that is written', () => {
    const written = document({ start: new Date(start).toISOString() });
    const waiting = flagSetOf(written).flags.get('f')!;
    const begun = flagSetOf(written, undefined, stateOf(running(0))).flags.get('f')!;
    expect([nextChange(waiting, 0), latestChange(waiting, start)]).toEqual([start, start]);
    expect([nextChange(begun, 0), latestChange(begun, start)]).toEqual([Infinity, -Infinity]);
    expect([waiting.isTimed, begun.isTimed]).toEqual([true, false]);
  });

  it('is part of the explanation', () => {
    const set = flagSetOf(document(), undefined, stateOf(running(1)));
    const explanation = explainFlag(set.flags.get('f')!, set.flags, { targetingKey: 'user-1' }, start, {
      readers: new AttributeReaders({}),
      segments: set.segments,
    });
    expect(String(explanation)).toContain('the watched rollout has come to 50 %');
  });
});
