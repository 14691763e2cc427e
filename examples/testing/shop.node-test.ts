import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eachFlagState, testFlags } from 'halyard/testing';
import { deliveryFee, shopFlags } from './shop.js';

for (const [name, answers] of eachFlagState(['free-delivery', 'winter-sale'])) {
  void test(`delivery with ${name}`, async () => {
    const halyard = testFlags(shopFlags, { answers });
    assert.equal(deliveryFee(halyard, 'ana', 50), answers['free-delivery'] === true ? 0 : 5);
    await halyard.close();
  });
}
