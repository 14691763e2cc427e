import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^halyard$/, replacement: at('./src/index.ts') },
      { find: /^halyard\/express$/, replacement: at('./adapters/express/index.ts') },
      { find: /^halyard\/ofrep$/, replacement: at('./src/ofrep/index.ts') },
      { find: /^halyard\/koa$/, replacement: at('./adapters/koa/index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/consumers/**', 'test/bench/**'],
    testTimeout: 20_000,
  },
});
