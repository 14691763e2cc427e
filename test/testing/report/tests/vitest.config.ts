import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const at = (path: string): string => fileURLToPath(new URL(`../../../../src/${path}`, import.meta.url));

/** What a project of a user's has, with the sources in the package's place. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  resolve: {
    alias: [
      { find: /^halyard$/, replacement: at('index.ts') },
      { find: /^halyard\/testing$/, replacement: at('testing/index.ts') },
    ],
  },
  test: {
    include: ['*.case.ts'],
    reporters: ['dot', [at('testing/report/vitest-reporter.ts'), { flags: 'flags.yaml', failOnUntested: true }]],
  },
});
