import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import base from '../vitest.config.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Watched rollouts on real services, with a real Prometheus, on the package as it was built: minutes, most of them waiting. */
export default defineConfig({
  root,
  resolve: base.resolve ?? {},
  test: { include: ['test/rollouts/*.test.ts'], fileParallelism: false, hookTimeout: 120_000 },
});
