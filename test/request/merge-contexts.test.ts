import { describe, expect, it } from 'vitest';
import { mergeContexts } from '../../src/request/merge-contexts.js';

describe('mergeContexts', () => {
  it('lets the later layer win', () => {
    expect(
      mergeContexts([
        { a: 1, b: 1 },
        { b: 2, c: 2 },
      ]),
    ).toEqual({ a: 1, b: 2, c: 2 });
  });

  it('lets what is missing in a layer leave standing what is below', () => {
    const below = { targetingKey: 'ana', plan: 'pro', note: 'x' };
    const missing = { targetingKey: '', plan: undefined, note: null };
    expect(mergeContexts([below, missing])).toEqual(below);
  });

  it('keeps an empty text that is no targeting key, 0 and false', () => {
    const own = { note: '', count: 0, beta: false };
    expect(mergeContexts([{ note: 'x', count: 1, beta: true }, own])).toEqual(own);
  });

  it('copies own enumerable properties alone, symbols too, and no `__proto__`', () => {
    const symbol = Symbol('symbol');
    const layer: object = Object.create({ inherited: 1 }, { hidden: { value: 1, enumerable: false } }) as object;
    Object.assign(layer, { [symbol]: 1 });
    const polluting = JSON.parse('{ "__proto__": { "isAdmin": true } }') as object;
    const merged = mergeContexts([layer, polluting]);
    expect(Reflect.ownKeys(merged)).toEqual([symbol]);
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
  });

  it('is frozen, and apart from its layers', () => {
    const layer = { a: 1 };
    const merged = mergeContexts([layer]);
    layer.a = 2;
    expect(merged).toEqual({ a: 1 });
    expect(Object.isFrozen(merged)).toBe(true);
  });
});
