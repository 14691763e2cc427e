/** Code that reads flags is tested without waiting for any: CommonJS has no `await` outside functions. */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { eachFlagState, expectEvaluated, testFlags, withFlags } = require('halyard/testing');

const halyard = testFlags({ 'new-checkout': true, 'button-color': 'a' });
const page = () => (halyard.boolean('new-checkout', false) ? `new, ${halyard.string('button-color', '')}` : 'old');

test('overrides flags for one test', async () => {
  const inside = withFlags(halyard, { 'new-checkout': false }, async () => page());
  assert.equal(page(), 'new, a');
  assert.equal(await inside, 'old');
});

describe('every state', () => {
  for (const [name, answers] of eachFlagState({ 'new-checkout': [true, false], 'button-color': ['a', 'b'] })) {
    test(name, async () => {
      const flags = testFlags(answers);
      assert.equal(flags.boolean('new-checkout', false), answers['new-checkout']);
      expectEvaluated(flags, { 'new-checkout': answers['new-checkout'] });
      await flags.close();
    });
  }
});
