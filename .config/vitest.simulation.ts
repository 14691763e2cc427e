import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Thousands of rollouts on made-up services: minutes. `RECORD=1` records what they found for the documentation. */
export default defineConfig({
  root: at('..'),
  resolve: {
    alias: [
      { find: /^halyard$/, replacement: at('../src/index.ts') },
      { find: /^halyard\/statistics$/, replacement: at('../src/statistics/index.ts') },
    ],
  },
  test: { include: ['test/simulation/**/*.simulation.ts'], testTimeout: 3_600_000, maxWorkers: 2 },
});
