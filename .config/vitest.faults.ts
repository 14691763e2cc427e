import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import base from '../vitest.config.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What is broken on purpose while services run on the package as it was built: minutes, most of them waiting. `RECORD=1` puts the table into the documentation. */
export default defineConfig({
  root,
  resolve: base.resolve ?? {},
  test: {
    include: ['test/faults/*.test.ts'],
    globalSetup: ['test/faults/build-children.ts', 'test/faults/fault-report.ts'],
    // Servers are started and removed by ten tests at a time.
    hookTimeout: 120_000,
    maxWorkers: 2,
    maxConcurrency: 10,
  },
});
