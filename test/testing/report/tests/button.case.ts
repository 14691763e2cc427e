import { createHalyard, fileStore } from 'halyard';
import { testFlags, withFlags } from 'halyard/testing';
import { expect, test } from 'vitest';

test('the button is blue', () => {
  expect(testFlags({ 'button-color': 'control' }).string('button-color', '')).toBe('control');
});

test('the button of a whole service is blue', async () => {
  const halyard = await createHalyard({ store: fileStore('flags.yaml'), watch: false });
  withFlags(halyard, { 'button-color': 'control' }, () => {
    expect(halyard.string('button-color', '')).toBe('blue');
  });
  await halyard.close();
});
