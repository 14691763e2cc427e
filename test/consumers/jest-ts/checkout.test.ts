import { createHalyard, memoryStore } from 'halyard';

test('the new checkout is for its targets', async () => {
  const flags = { 'new-checkout': { targets: { on: ['user-1'] }, serve: 'off' } };
  const halyard = await createHalyard({ store: memoryStore({ version: 1, flags }) });
  expect(halyard.boolean('new-checkout', false, { targetingKey: 'user-1' })).toBe(true);
  expect(halyard.boolean('new-checkout', true, { targetingKey: 'user-2' })).toBe(false);
  await halyard.close();
});
