import { describe, expect, test } from 'vitest';
import { createHalyard, memoryStore } from 'halyard';
import { eachFlagState, expectEvaluated, testFlags, withFlags } from 'halyard/testing';

test('the new checkout is for its targets', async () => {
  const flags = { 'new-checkout': { targets: { on: ['user-1'] }, serve: 'off' } };
  const halyard = await createHalyard({ store: memoryStore({ version: 1, flags }) });
  expect(halyard.boolean('new-checkout', false, { targetingKey: 'user-1' })).toBe(true);
  expect(halyard.boolean('new-checkout', true, { targetingKey: 'user-2' })).toBe(false);
  await halyard.close();
});

test('a test overrides flags for itself', async () => {
  const flags = testFlags({ 'new-checkout': false, 'button-color': 'a' });
  const read = () => flags.boolean('new-checkout', false);
  await expect(withFlags(flags, { 'new-checkout': true }, async () => read())).resolves.toBe(true);
  expect(read()).toBe(false);
  await flags.close();
});

describe.each(eachFlagState({ 'new-checkout': [true, false], 'button-color': ['a', 'b'] }))(
  'with %s',
  (_name, answers) => {
    test('the page reads one flag', async () => {
      const flags = testFlags(answers);
      flags.string('button-color', '');
      expectEvaluated(flags, { 'button-color': answers['button-color'] });
      await flags.close();
    });
  },
);
