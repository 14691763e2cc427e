import { describe, expect, it } from 'vitest';
import { parseFlagState, serializeFlagState } from '../../src/flags/flag-state-text.js';
import { lines } from './parse.js';

describe('flag state', () => {
  it('survives being written as JSON', () => {
    const state = {
      kills: new Map([
        ['payments', { at: Date.UTC(2027, 0, 1), by: 'ana', reason: 'provider down' }],
        ['constructor', { at: 1, by: 'bo', reason: '', until: 1000 }],
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

  it('takes a kill that somebody wrote by hand without a name', () => {
    expect(parseFlagState({ kills: { a: { at: '2027-01-01' } } }).state.kills.get('a')).toEqual({
      at: Date.UTC(2027, 0, 1),
      by: 'unknown',
      reason: '',
    });
  });

  it('is empty for nothing, with a problem for anything else', () => {
    expect(parseFlagState({})).toEqual({ state: { kills: new Map() }, problems: [] });
    for (const value of [undefined, null, 3, [], { kills: [] }]) expect(parseFlagState(value).problems).toHaveLength(1);
  });
});
