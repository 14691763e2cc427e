import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asUnit, createRing, isInSlice, pointOn, splitBoundaries } from '../../src/evaluation/bucketing.js';
import { murmur3, murmur3Prefix } from '../../src/evaluation/murmur3.js';

const point = (seed: string, unit: string): number => pointOn(createRing(seed), unit);
const units = Array.from({ length: 100_000 }, (_, index) => `user-${index}`);

describe('points', () => {
  it.each([
    ['new-checkout', 'user-1', 2230340631],
    ['new-checkout', 'user-2', 992310789],
    ['new-checkout', 'user_123', 1167449127],
    ['new-checkout', '42', 4094389673],
    ['new-checkout', 'héllo', 3469376878],
    ['new-checkout', '日本語', 2400290325],
    ['new-checkout', '😀', 790376126],
    ['new-checkout:split', 'user-1', 536263778],
    ['x'.repeat(64), 'y'.repeat(200), 1985135354],
  ])('put unit %2$s of seed %1$s where every Halyard puts it', (seed, unit, expected) => {
    expect(point(seed, unit)).toBe(expected);
  });

  it('agree with a plain MurmurHash3 over the bytes, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (prefix, text) => {
        expect(murmur3(murmur3Prefix(prefix), text)).toBe(plainMurmur3(Buffer.from(prefix + text, 'utf8')));
      }),
      { numRuns: 2000 },
    );
  });

  it('take a lone surrogate for U+FFFD, as Buffer does', () => {
    for (const text of ['\ud800', 'a\udc00b', 'abcd\ud83dx', '\ud800\ud800\udc00']) {
      expect(murmur3(murmur3Prefix('seed:'), text)).toBe(plainMurmur3(Buffer.from(`seed:${text}`, 'utf8')));
    }
  });

  it('write a number unit as JavaScript does, and take nothing else for a unit', () => {
    expect(asUnit(42)).toBe('42');
    expect([null, undefined, '', NaN, Infinity, true, {}, [], 1n, new Date(0)].map(asUnit)).toEqual(
      Array(10).fill(undefined),
    );
  });
});

describe('slices', () => {
  it.each([
    [1, 1_017],
    [10, 10_083],
    [50, 50_348],
  ])('hold exactly the known units at %d %%', (percentage, expected) => {
    const ring = createRing('new-checkout');
    expect(units.filter((unit) => isInSlice(pointOn(ring, unit), 0, percentage))).toHaveLength(expected);
  });

  it('only gain units when they grow', () => {
    const percentage = fc.double({ min: 0, max: 100, noNaN: true });
    fc.assert(
      fc.property(fc.string(), percentage, percentage, fc.integer({ min: 0, max: 100 }), (unit, a, b, offset) => {
        const [less, more] = a < b ? [a, b] : [b, a];
        const place = point('seed', unit);
        if (isInSlice(place, offset, less)) expect(isInSlice(place, offset, more)).toBe(true);
      }),
    );
  });

  it('side by side on one ring hold every unit exactly once, also past the end of the ring', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 0, max: 100 }), (unit, start) => {
        const place = point('seed', unit);
        const slices = [
          isInSlice(place, start, 30),
          isInSlice(place, (start + 30) % 100, 45),
          isInSlice(place, (start + 75) % 100, 25),
        ];
        expect(slices.filter(Boolean)).toHaveLength(1);
      }),
    );
  });

  it('of two seeds are independent', () => {
    const [first, second] = [createRing('one'), createRing('two')];
    const inFirst = units.filter((unit) => isInSlice(pointOn(first, unit), 0, 50));
    const inBoth = inFirst.filter((unit) => isInSlice(pointOn(second, unit), 0, 50));
    // Six standard deviations of a binomial share.
    expect(Math.abs(inBoth.length / inFirst.length - 0.5)).toBeLessThan(6 * Math.sqrt(0.25 / inFirst.length));
  });
});

describe('splits', () => {
  it('divide the known units exactly', () => {
    const ring = createRing('button-color:split');
    const [control = 0, a = 0] = splitBoundaries([50, 25, 25]);
    const counts = [0, 0, 0];
    for (const unit of units) {
      const place = pointOn(ring, unit);
      const index = place < control ? 0 : place < a ? 1 : 2;
      counts[index] = (counts[index] ?? 0) + 1;
    }
    expect(counts).toEqual([50_286, 24_894, 24_820]);
  });

  it('leave no point without a range, and give a weight of zero none', () => {
    const weights = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(weights, (some) => {
        fc.pre(some.some((weight) => weight > 0));
        const boundaries = splitBoundaries(some);
        expect(boundaries.at(-1)).toBe(2 ** 32);
        expect(boundaries).toEqual([...boundaries].sort((x, y) => x - y));
        some.forEach((weight, index) => {
          if (weight === 0) expect(boundaries[index]! - (boundaries[index - 1] ?? 0)).toBe(0);
        });
      }),
    );
  });
});

/** The reference: https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp, over a buffer, one block at a time. */
function plainMurmur3(bytes: Buffer): number {
  const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by));
  const scramble = (k: number): number => Math.imul(rotate(Math.imul(k, 0xcc9e2d51), 15), 0x1b873593);
  const tail = bytes.length & ~3;
  let hash = 0;
  for (let index = 0; index < tail; index += 4) {
    hash = (Math.imul(rotate(hash ^ scramble(bytes.readInt32LE(index)), 13), 5) + 0xe6546b64) | 0;
  }
  const rest = Buffer.alloc(4);
  bytes.copy(rest, 0, tail);
  hash ^= scramble(rest.readInt32LE(0)) ^ bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
