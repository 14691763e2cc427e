import fc from 'fast-check';
import { eachFlagState, testFlags } from 'halyard/testing';
import { describe, expect, it } from 'vitest';
import { shop } from './shop.js';

describe('eachFlagState', () => {
  it('combines on and off of every key', () => {
    expect(eachFlagState(['new-dashboard', 'dark'])).toEqual([
      ['new-dashboard on, dark on', { 'new-dashboard': true, dark: true }],
      ['new-dashboard on, dark off', { 'new-dashboard': true, dark: false }],
      ['new-dashboard off, dark on', { 'new-dashboard': false, dark: true }],
      ['new-dashboard off, dark off', { 'new-dashboard': false, dark: false }],
    ]);
  });

  it('takes the states themselves', () => {
    const names = eachFlagState({ a: [true, false], color: ['red'], limit: [1, 2] }).map(([name]) => name);
    expect(names).toEqual([
      'a on, color red, limit 1',
      'a on, color red, limit 2',
      'a off, color red, limit 1',
      'a off, color red, limit 2',
    ]);
  });

  it('finds the variants in a document, and in test flags', async () => {
    const flags = testFlags(shop);
    const expected = ['control', 'a', 'b'].flatMap((color) =>
      [true, false].map((checkout) => ({ 'button-color': color, 'new-checkout': checkout })),
    );
    for (const source of [shop, flags]) {
      const cases = eachFlagState(['button-color', 'new-checkout'], { flags: source });
      expect(cases.map(([, answers]) => answers)).toEqual(expected);
    }
    await flags.close();
  });

  describe.each(eachFlagState(['new-checkout', 'button-color'], { flags: shop }))('with %s', (name, answers) => {
    it('serves what it is named after', async () => {
      const flags = testFlags(shop, { answers });
      const { variant } = flags.details('button-color', 'none');
      expect(`new-checkout ${flags.boolean('new-checkout', false) ? 'on' : 'off'}, button-color ${variant}`).toBe(name);
      await flags.close();
    });
  });

  it('makes all combinations up to the limit, and above it fewer', () => {
    const keys = ['a', 'b', 'c', 'd', 'e'];
    expect(eachFlagState(keys)).toHaveLength(32);
    expect(eachFlagState([...keys, 'f']).length).toBeLessThanOrEqual(10);
    expect(eachFlagState([...keys, 'f'], { limit: 64 })).toHaveLength(64);
    expect(eachFlagState(['a'], { limit: 1 })).toHaveLength(2);
  });

  it('stays small where flags are many', () => {
    const keys = Array.from({ length: 20 }, (_, index) => `flag-${index}`);
    expect(eachFlagState(keys).length).toBeLessThanOrEqual(14);
  });

  it('has every pair of states, each combination once, the same at each call', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 7 });
    fc.assert(
      fc.property(sizes, (counts) => {
        const states = Object.fromEntries(
          counts.map((count, index) => [`f${index}`, Array.from({ length: count }, (_, state) => state)]),
        );
        const cases = eachFlagState(states, { limit: 1 });
        expect(eachFlagState(states, { limit: 1 })).toEqual(cases);
        expect(new Set(cases.map(([name]) => name)).size).toBe(cases.length);
        for (const [first, some] of Object.entries(states)) {
          for (const [second, others] of Object.entries(states)) {
            if (first >= second) continue;
            const together = new Set(cases.map(([, answers]) => JSON.stringify([answers[first], answers[second]])));
            expect(together.size).toBe(some.length * others.length);
          }
        }
      }),
    );
  });

  it('refuses what has no states', () => {
    expect(() => eachFlagState([])).toThrow('expected flag keys, found none');
    expect(() => eachFlagState({ a: [] })).toThrow('expected states of `a`, found []');
    expect(() => eachFlagState(['button-colour'], { flags: shop })).toThrow('Did you mean `button-color`?');
    expect(() => eachFlagState(['a'], { limit: 0 })).toThrow('option `limit`');
  });
});
