import { describe, expect, it, vi } from 'vitest';
import { createLazyObject } from '../../src/request/lazy-object.js';

const mark = Symbol('mark');

describe('createLazyObject', () => {
  it('looks like what it reads, to everything that copies or inspects objects', () => {
    const inner = Object.freeze({ targetingKey: 'ana', plan: 'pro' });
    const lazy = createLazyObject(() => inner, { [mark]: 1 });
    expect({ ...lazy }).toEqual({ ...inner, [mark]: 1 });
    expect(Object.assign({}, lazy)).toEqual({ ...inner, [mark]: 1 });
    expect(Object.entries(lazy)).toEqual(Object.entries(inner));
    expect(JSON.parse(JSON.stringify(lazy))).toEqual(inner);
    expect('plan' in lazy && Object.hasOwn(lazy, 'plan')).toBe(true);
    const names: string[] = [];
    for (const name in lazy) names.push(name);
    expect(names).toEqual(['targetingKey', 'plan']);
  });

  it('follows what it reads', () => {
    let inner: object = { a: 1 };
    const lazy = createLazyObject(() => inner, {});
    inner = { b: 2 };
    expect({ ...lazy }).toEqual({ b: 2 });
  });

  it('finds what is pinned without reading', () => {
    const read = vi.fn(() => ({}));
    const lazy = createLazyObject(read, { [mark]: 1 });
    expect(mark in lazy && (lazy as { [mark]?: number })[mark]).toBe(1);
    expect(read).not.toHaveBeenCalled();
  });

  it('cannot be changed', () => {
    const lazy = createLazyObject(() => ({ a: 1 }), {}) as { a?: number; b?: number };
    expect(() => (lazy.a = 2)).toThrow(TypeError);
    expect(() => (lazy.b = 2)).toThrow(TypeError);
    expect(() => delete lazy.a).toThrow(TypeError);
    expect(() => Object.freeze(lazy)).toThrow(TypeError);
    expect(lazy).toEqual({ a: 1 });
  });
});
