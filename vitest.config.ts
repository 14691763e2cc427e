import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^halyard$/, replacement: at('./src/index.ts') },
      { find: /^halyard\/express$/, replacement: at('./adapters/express/index.ts') },
      { find: /^halyard\/stores\/redis$/, replacement: at('./src/stores/redis/redis-store.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/consumers/**', 'test/bench/**'],
    testTimeout: 20_000,
  },
});
