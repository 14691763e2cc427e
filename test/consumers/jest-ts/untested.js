/** Jest fails for a side of a flag that no test ran, whichever process ran the others. */
const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const { writeFileSync } = require('node:fs');

const options = { failOnUntested: true };
const config = {
  testEnvironment: 'node',
  testMatch: ['**/side-*.js'],
  reporters: [['halyard/testing/jest-reporter', options]],
};
writeFileSync('jest.untested.json', JSON.stringify(config));
const read = (on) => `
const { testFlags } = require('halyard/testing');
test('reads', () => expect(testFlags({ paid: true, sale: ${on} }).boolean('sale', false)).toBe(${on}));`;

const jest = () =>
  spawnSync('npx', ['jest', '--config', 'jest.untested.json', '--maxWorkers', '2'], { encoding: 'utf8' });
writeFileSync('side-on.js', read(true));
const failed = jest();
assert.match(failed.stderr, /Flags: 1 of 1 has sides that no test ran\.\n {2}sale {2}on ✓ {2}off ✗/);
assert.equal(failed.status, 1, failed.stderr);
writeFileSync('side-off.js', read(false));
const passed = jest();
assert.match(passed.stderr, /Flags: tests ran every side of 1 flag\./);
assert.equal(passed.status, 0, passed.stderr);
