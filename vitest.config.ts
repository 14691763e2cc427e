import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Nest 11 and what belongs to it, in place of the newest. */
const nestjs11 = {
  find: /^(@nestjs\/.+|@openfeature\/nestjs-sdk|rxjs|reflect-metadata)$/,
  replacement: at('./test/adapters/nestjs11/node_modules/$1'),
};

export default defineConfig({
  resolve: {
    alias: [
      { find: /^halyard$/, replacement: at('./src/index.ts') },
      { find: /^halyard\/express$/, replacement: at('./adapters/express/index.ts') },
      { find: /^halyard\/nestjs$/, replacement: at('./adapters/nestjs/index.ts') },
      { find: /^halyard\/ofrep$/, replacement: at('./src/ofrep/index.ts') },
      { find: /^halyard\/statistics$/, replacement: at('./src/statistics/index.ts') },
      { find: /^halyard\/eslint$/, replacement: at('./src/eslint/index.ts') },
      { find: /^halyard\/koa$/, replacement: at('./adapters/koa/index.ts') },
      { find: /^halyard\/stores\/postgres$/, replacement: at('./src/stores/postgres/postgres-store.ts') },
      { find: /^halyard\/sync$/, replacement: at('./src/sync/index.ts') },
      { find: /^halyard\/stores$/, replacement: at('./src/stores/index.ts') },
      { find: /^halyard\/testing\/(.+)$/, replacement: at('./src/testing/report/$1.ts') },
      { find: /^halyard\/testing$/, replacement: at('./src/testing/index.ts') },
      { find: /^halyard\/stores\/redis$/, replacement: at('./src/stores/redis/redis-store.ts') },
    ],
  },
  test: {
    // Against what hangs. On a machine that does much else, starting processes and dropping schemas takes its time.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    setupFiles: [at('./test/patience.ts')],
    projects: [
      {
        extends: true,
        test: {
          name: 'halyard',
          include: ['test/**/*.test.ts', 'examples/**/*.test.ts'],
          exclude: [
            'test/consumers/**',
            'test/faults/**',
            'test/rollouts/**',
            'test/bench/**',
            'test/adapters/nestjs11/**',
          ],
        },
      },
      {
        extends: true,
        resolve: { alias: [nestjs11] },
        test: {
          name: 'nestjs 11',
          include: ['test/adapters/nestjs/**/*.test.ts', 'test/adapters/nestjs11/*.test.ts'],
          globalSetup: ['test/adapters/nestjs11/install.ts'],
          env: { NESTJS: '11' },
        },
      },
    ],
  },
});
