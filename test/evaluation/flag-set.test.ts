import { describe, expect, it } from 'vitest';
import { emptyFlagState } from '../../src/flags/flag-state.js';
import type { FlagSet } from '../../src/evaluation/flag-set.js';
import { changedKeys } from '../../src/evaluation/flag-set-changes.js';
import { nextChange } from '../../src/evaluation/next-change.js';
import { evaluate, flagSetOf } from './evaluate-document.js';

const document = (flags: object, segments: object = {}): object => ({ version: 1, flags, segments });

/** A set, and the one that follows it. */
const follow = (
  before: object,
  after: object,
): { readonly set: FlagSet; readonly next: FlagSet; readonly changed: readonly string[] } => {
  const set = flagSetOf(before);
  const next = flagSetOf(after, set);
  return { set, next, changed: changedKeys(set, next) };
};

describe('a changed document', () => {
  it('names added, changed and removed flags, and no other', () => {
    const { changed } = follow(
      document({ same: {}, changed: { rollout: 1 }, gone: {} }),
      document({ same: {}, changed: { rollout: 2 }, added: {} }),
    );
    expect([...changed].sort()).toEqual(['added', 'changed', 'gone']);
  });

  it('names the flags whose segment changed, through other segments too', () => {
    const flags = {
      direct: { rules: [{ when: { segment: 'staff' }, serve: 'on' }], serve: 'off' },
      nested: { rules: [{ when: { not: { any: [{ segment: 'testers' }] } }, serve: 'on' }], serve: 'off' },
      other: { rules: [{ when: { segment: 'beta' }, serve: 'on' }], serve: 'off' },
    };
    const segments = { testers: { segment: 'staff' }, beta: { beta: true } };
    const { changed, next } = follow(
      document(flags, { staff: { a: 1 }, ...segments }),
      document(flags, { staff: { a: 2 }, ...segments }),
    );
    expect([...changed].sort()).toEqual(['direct', 'nested']);
    expect(evaluate(next, 'direct', { a: 2 }).variant).toBe('on');
    expect(evaluate(next, 'nested', { a: 2 }).variant).toBe('off');
    expect(evaluate(next, 'other', { beta: true }).variant).toBe('on');
  });

  it('names the flags that require a changed one, through others too', () => {
    const rest = { b: { requires: [{ flag: 'a' }] }, c: { requires: [{ flag: 'b' }] }, d: {} };
    const { changed, next } = follow(document({ a: {}, ...rest }), document({ a: { serve: 'off' }, ...rest }));
    expect([...changed].sort()).toEqual(['a', 'b', 'c']);
    expect(evaluate(next, 'c', {}).reason).toBe('PREREQUISITE_FAILED');
  });

  it('names killed flags when they are killed, and when they are restored', () => {
    const kills = new Map([
      ['a', { at: 0, by: 'ana', reason: 'test' }],
      ['unknown', { at: 0, by: 'ana', reason: 'test' }],
    ]);
    const set = flagSetOf(document({ a: {}, b: {} }));
    const killed = flagSetOf(document({ a: {}, b: {} }), set, { ...emptyFlagState, kills });
    const again = flagSetOf(document({ a: {}, b: {} }), killed, { ...emptyFlagState, kills: new Map(kills) });
    expect(changedKeys(set, killed)).toEqual(['a', 'unknown']);
    expect(changedKeys(killed, again)).toEqual([]);
    expect(changedKeys(again, flagSetOf(document({ a: {}, b: {} }), again))).toEqual(['a', 'unknown']);
  });

  it('compiles nothing anew that did not change', () => {
    const { set, next } = follow(
      document({ a: { rollout: 5 }, b: { rollout: 5 } }),
      document({ a: { rollout: 5 }, b: { rollout: 6 } }),
    );
    expect(next.flags.get('a')).toBe(set.flags.get('a'));
    expect(next.flags.get('b')).not.toBe(set.flags.get('b'));
  });

  it('hands on the counts of a flag', () => {
    const { set, next } = follow(document({ a: { rollout: 5 } }), document({ a: { rollout: 6 } }));
    expect(next.flags.get('a')?.tallies).toBe(set.flags.get('a')?.tallies);
  });
});

describe('a flag that can not be understood', () => {
  it('keeps its last good form, and is an error where there is none', () => {
    const { next } = follow(
      document({ a: { serve: 'off' } }),
      document({ a: { newWord: 1 }, b: { newWord: 1 }, c: {} }),
    );
    expect(evaluate(next, 'a', {})).toMatchObject({ variant: 'off', reason: 'STATIC' });
    expect(evaluate(next, 'b', {})).toMatchObject({ reason: 'ERROR', errorCode: 'PARSE_ERROR' });
    expect(evaluate(next, 'c', {})).toMatchObject({ variant: 'on' });
  });

  it('keeps it over further changes of the document', () => {
    const first = follow(document({ a: { serve: 'off' }, b: {} }), document({ a: { newWord: 1 }, b: {} }));
    const second = flagSetOf(document({ a: { newWord: 2 }, b: { serve: 'off' } }), first.next);
    expect(evaluate(second, 'a', {})).toMatchObject({ variant: 'off', reason: 'STATIC' });
  });

  it('keeps its segment too, which can not be understood either', () => {
    const rules = [{ when: { not: { segment: 'staff' } }, serve: 'on' }];
    const { next } = follow(
      document({ a: { rules, serve: 'off' } }, { staff: { team: 'web' } }),
      document({ a: { rules, serve: 'off' } }, { staff: { attribute: 'team', operator: 'newer_word', value: 'web' } }),
    );
    expect(evaluate(next, 'a', { team: 'web' }).variant).toBe('off');
    expect(evaluate(next, 'a', { team: 'ops' }).variant).toBe('on');
  });

  it('is an error if its last good form would require itself by now', () => {
    const { next } = follow(
      document({ a: { requires: [{ flag: 'b' }] }, b: {} }),
      document({ a: { newWord: 1 }, b: { requires: [{ flag: 'a' }] } }),
    );
    expect(evaluate(next, 'a', {})).toMatchObject({ errorCode: 'PARSE_ERROR' });
    expect(evaluate(next, 'b', {})).toMatchObject({ reason: 'PREREQUISITE_FAILED' });
  });
});

describe('time', () => {
  it('changes answers when a rule begins or ends, a stage begins and a kill ends', () => {
    const rules = [{ when: { a: 1 }, from: '1970-01-01T00:00:01Z', until: '1970-01-01T00:00:05Z', serve: 'on' }];
    const rollout = { start: '1970-01-01T00:00:03Z', stages: [{ percentage: 1, minutes: 1 }, { percentage: 2 }] };
    const kills = new Map([['killed', { at: 0, by: 'a', reason: 'b', until: 4000 }]]);
    const set = flagSetOf(document({ flag: { rules, rollout }, killed: {}, plain: {} }), undefined, {
      ...emptyFlagState,
      kills,
    });
    const next = (key: string, now: number): number => nextChange(set.flags.get(key)!, now);
    expect([0, 1000, 3000, 5000, 63_000].map((now) => next('flag', now))).toEqual([1000, 3000, 5000, 63_000, Infinity]);
    expect([next('killed', 0), next('killed', 4000), next('plain', 0)]).toEqual([4000, Infinity, Infinity]);
    expect([0, 1000, 4999, 5000].map((now) => evaluate(set, 'flag', { a: 1, targetingKey: 'u' }, now).reason)).toEqual([
      'SPLIT',
      'TARGETING_MATCH',
      'TARGETING_MATCH',
      'SPLIT',
    ]);
    expect([3999, 4000].map((now) => evaluate(set, 'killed', {}, now).reason)).toEqual(['DISABLED', 'STATIC']);
  });
});
