import { testFlags } from 'halyard/testing';
import { expect, test } from 'vitest';

test('the new checkout is on', () => {
  const halyard = testFlags('flags.yaml', { answers: { 'new-checkout': true, 'button-color': 'a' } });
  expect(halyard.boolean('new-checkout', false)).toBe(true);
  expect(halyard.string('button-color', '')).toBe('green');
});
