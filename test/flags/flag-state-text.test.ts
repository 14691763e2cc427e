import { describe, expect, it } from 'vitest';
import { emptyFlagState } from '../../src/flags/flag-state.js';
import { type RolloutProgress, startRollout } from '../../src/flags/rollout-progress.js';
import { parseFlagState, serializeFlagState } from '../../src/flags/flag-state-text.js';
import type { Trip } from '../../src/flags/trip.js';
import { lines } from './parse.js';

describe('flag state', () => {
  it('survives being written as JSON', () => {
    const state = {
      kills: new Map([
        ['payments', { at: Date.UTC(2027, 0, 1), by: 'ana', reason: 'provider down' }],
        ['constructor', { at: 1, by: 'bo', reason: '', until: 1000 }],
      ]),
      rollouts: new Map<string, RolloutProgress>([
        ['begun', startRollout('begun', 'halyard', 1_000)],
        [
          'failing',
          {
            ...startRollout('seed', 'halyard', 1_000),
            stage: 2,
            judgedUntil: 61_000,
            dataUntil: 2_000,
            failures: new Map([['maxP99Ms', 1]]),
            failedMeasurements: 3,
            approvedBy: 'ana',
          },
        ],
        ['paused', { ...startRollout('paused', 'ana', 1_000), status: 'paused', reason: 'lunch', at: 5_000 }],
        [
          'back',
          {
            status: 'rolled-back',
            seed: 'back',
            by: 'halyard',
            stage: 1,
            reason: 'errors',
            at: 7_000,
            restsUntil: 9_000,
          },
        ],
        ['constructor', { status: 'completed', seed: 'x', by: 'halyard', at: 8_000 }],
      ]),
      trips: new Map<string, Trip>([
        [
          'errors',
          {
            openUntil: 9_000,
            trippedBy: 'host:1',
            evidence: {
              cause: 'errors',
              requests: 20,
              failures: 14,
              slow: 0,
              share: 0.7,
              limit: 0.5,
              windowMs: 10_000,
            },
          },
        ],
        [
          'slow',
          {
            trippedBy: 'host:1',
            evidence: {
              cause: 'slow',
              requests: 20,
              failures: 0,
              slow: 20,
              share: 1,
              limit: 0.8,
              windowMs: 10_000,
              slowMs: 500,
            },
          },
        ],
        ['probe', { trippedBy: 'host:1', evidence: { cause: 'probe', requests: 1, failures: 1, slow: 0 } }],
      ]),
    };
    const written = serializeFlagState(state);
    expect(written.kills['payments']).toEqual({ at: '2027-01-01T00:00:00.000Z', by: 'ana', reason: 'provider down' });
    expect(parseFlagState(JSON.parse(JSON.stringify(written)))).toEqual({ state, problems: [] });
  });

  it('leaves out bad entries, reports them and keeps the others', () => {
    const good = { at: '2027-01-01T00:00:00Z', by: 'ana', reason: 'r' };
    const kills = {
      good,
      noTime: { ...good, at: 'now' },
      badEnd: { ...good, until: 3 },
      none: null,
      by: { ...good, by: 3 },
      'bad key': good,
    };
    const { state, problems } = parseFlagState({ kills });
    expect([...state.kills.keys()]).toEqual(['good']);
    expect(problems.map(({ path }) => path[1])).toEqual(['noTime', 'badEnd', 'none', 'by', 'bad key']);
    expect(lines(problems)[0]).toBe('kills.noTime: `at` must be a time such as 2027-01-10T09:00:00Z, found "now".');
  });

  it('says what is wrong with the progress of a rollout, and keeps the others', () => {
    const good = { status: 'running', seed: 's', by: 'ana', stage: 0, since: '2027-01-01T00:00:00Z' };
    const { state, problems } = parseFlagState({
      rollouts: {
        good,
        status: { ...good, status: 'going' },
        prototype: { ...good, status: 'constructor' },
        seed: { ...good, seed: 3 },
        stage: { ...good, stage: -1 },
        since: { ...good, since: undefined },
        failures: { ...good, failures: { maxP99Ms: 'often' } },
        none: 3,
      },
    });
    expect([...state.rollouts]).toEqual([['good', startRollout('s', 'ana', Date.UTC(2027, 0, 1))]]);
    expect(lines(problems)).toEqual([
      'rollouts.status: `status` must be running, paused, rolled-back or completed, found "going".',
      'rollouts.prototype: `status` must be running, paused, rolled-back or completed, found "constructor".',
      'rollouts.seed: `seed` must be a text, found 3.',
      'rollouts.stage: `stage` must be a whole number from 0, found -1.',
      'rollouts.since: `since` must be a time such as 2027-01-10T09:00:00Z, found undefined.',
      'rollouts.failures: `failures` must be whole numbers by names, found { maxP99Ms: "often" }.',
      'rollouts.none: expected { status, seed, by, … }, found 3.',
    ]);
  });

  it('says what is wrong with a trip, and takes one without its numbers', () => {
    const { state, problems } = parseFlagState({
      trips: { bare: {}, end: { openUntil: 'soon' }, who: { trippedBy: 3 }, none: null },
    });
    const evidence = { cause: 'probe', requests: 0, failures: 0, slow: 0 };
    expect([...state.trips]).toEqual([['bare', { trippedBy: 'unknown', evidence }]]);
    expect(lines(problems)).toEqual([
      'trips.end: `openUntil` must be a time such as 2027-01-10T09:00:00Z, found "soon".',
      'trips.who: `trippedBy` must be a text, found 3.',
      'trips.none: expected { openUntil?, trippedBy, evidence }, found null.',
    ]);
  });

  it('takes a kill that somebody wrote by hand without a name', () => {
    expect(parseFlagState({ kills: { a: { at: '2027-01-01' } } }).state.kills.get('a')).toEqual({
      at: Date.UTC(2027, 0, 1),
      by: 'unknown',
      reason: '',
    });
  });

  it('is empty for nothing, with a problem for anything else', () => {
    expect(parseFlagState({})).toEqual({ state: emptyFlagState, problems: [] });
    for (const value of [undefined, null, 3, [], { kills: [] }]) expect(parseFlagState(value).problems).toHaveLength(1);
  });
});
