import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

it('the store of examples/own-store holds to the contract in node:test, too', { timeout: 300_000 }, async () => {
  const tsx = ['node_modules/.bin/tsx', '--tsconfig', 'examples/tsconfig.json'] as const;
  const words = [...tsx, '--test', '--test-reporter=tap', 'examples/own-store/bucket-store.node-test.ts'];
  // Vitest's own environment would change what the child says.
  const env = { PATH: process.env['PATH'] };
  const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: root, env, maxBuffer: 1 << 26 });
  expect(stdout).toMatch(/^# fail 0$/m);
  expect(stdout).toMatch(/^# pass [1-9]\d+$/m);
});
