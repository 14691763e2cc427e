import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

it('the tests of examples/testing run in node:test, too', { timeout: 300_000 }, async () => {
  const tsx = ['node_modules/.bin/tsx', '--tsconfig', 'examples/tsconfig.json'] as const;
  const words = [...tsx, '--test', '--test-reporter=tap', 'examples/testing/shop.node-test.ts'];
  // Vitest's own environment would change what the child says.
  const env = { PATH: process.env['PATH'] };
  const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: root, env, maxBuffer: 1 << 26 });
  expect(stdout).toMatch(/^# fail 0$/m);
  expect(stdout).toMatch(/^# pass 4$/m);
});

it('the tests of examples/testing run every side of the flags', { timeout: 300_000 }, async () => {
  const words = ['node_modules/.bin/vitest', 'run', '--config', 'examples/testing/vitest.config.ts'];
  const env = { PATH: process.env['PATH'] };
  const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: root, env });
  expect(stdout).toContain('Flags: tests ran every side of 3 flags.');
});
