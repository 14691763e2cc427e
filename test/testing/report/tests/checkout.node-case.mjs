import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testFlags } from 'halyard/testing';

test('the new checkout is on', () => {
  assert.equal(testFlags({ 'new-checkout': true }).boolean('new-checkout', false), true);
});
