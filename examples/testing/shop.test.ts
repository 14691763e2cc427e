import { eachFlagState, expectEvaluated, testFlags, withFlags } from 'halyard/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { get } from './get.js';
import { createShop, deliveryFee, shopFlags } from './shop.js';

const halyard = testFlags(shopFlags, { now: '2026-11-30T12:00:00Z' });
afterEach(() => {
  halyard.clock.set('2026-11-30T12:00:00Z');
});

test('delivery is free from 50 on, where the flag is on', () => {
  withFlags(halyard, { 'free-delivery': true }, () => {
    expect(deliveryFee(halyard, 'ana', 50)).toBe(0);
    expect(deliveryFee(halyard, 'ana', 49)).toBe(5);
  });
  withFlags(halyard, { 'free-delivery': false }, () => {
    expect(deliveryFee(halyard, 'ana', 50)).toBe(5);
  });
});

test('delivery is free for who is in the rollout', () => {
  expect(deliveryFee(halyard, halyard.unitIn('free-delivery', 'on'), 50)).toBe(0);
  expect(deliveryFee(halyard, halyard.unitIn('free-delivery', 'off'), 50)).toBe(5);
});

test('the sale begins in December', async () => {
  expect(await get(createShop(halyard), '/sale')).toMatchObject({ status: 404 });
  halyard.clock.advance({ hours: 12 });
  expect(await get(createShop(halyard), '/sale')).toMatchObject({ status: 200 });
});

describe.each(eachFlagState(['button-color', 'winter-sale'], { flags: halyard }))('the page, %s', (_name, answers) => {
  test('reads these flags and no others', async () => {
    const flags = testFlags(shopFlags, { answers });
    expect(await get(createShop(flags), '/')).toMatchObject({ status: 200 });
    expectEvaluated(flags, answers);
    await flags.close();
  });
});
