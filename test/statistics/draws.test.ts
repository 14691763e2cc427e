import { describe, expect, it } from 'vitest';
import { createPoissonDraw } from '../../src/statistics/poisson.js';
import { createRandom } from '../../src/statistics/random.js';

describe('the random numbers', () => {
  it('are the same for the same seed, everywhere', () => {
    const random = createRandom(1);
    expect([random(), random(), random()].map((one) => one * 2 ** 32)).toEqual([1619211837, 1578887507, 22253069]);
  });

  it('are even, and others for every seed', () => {
    const random = createRandom(7);
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let draw = 0; draw < 100_000; draw += 1) tenths[Math.floor(random() * 10)]! += 1;
    for (const count of tenths) expect(Math.abs(count - 10_000)).toBeLessThan(400);
    expect(new Set(Array.from({ length: 1000 }, (_, seed) => createRandom(seed)())).size).toBe(1000);
  });
});

describe('the Poisson distribution', () => {
  it.each([0.001, 0.5, 3.3, 40, 371.25, 60_000])('with the mean %d has this mean, and as much variance', (mean) => {
    const random = createRandom(3);
    const draw = createPoissonDraw(mean);
    let sum = 0;
    let squares = 0;
    const draws = 50_000;
    for (let index = 0; index < draws; index += 1) {
      const count = draw(random);
      sum += count - mean;
      squares += (count - mean) ** 2;
    }
    expect(Math.abs(sum / draws)).toBeLessThan(5 * Math.sqrt(mean / draws));
    // The variance of the variance is (mean + 2 mean²) / draws.
    expect(Math.abs(squares / draws - mean)).toBeLessThan(5 * Math.sqrt((mean + 2 * mean * mean) / draws));
  });

  it('has no events where none are expected', () => {
    for (const mean of [0, -1, NaN]) expect(createPoissonDraw(mean)(() => 0.999999)).toBe(0);
  });
});
