import { defineConfig } from 'vitest/config';
import { shopFlags } from './shop.js';

/** Says at the end which variants of the shop's flags no test ran, and fails if there are any. */
export default defineConfig({
  test: {
    include: ['examples/testing/*.test.ts'],
    reporters: ['default', ['halyard/testing/vitest-reporter', { flags: shopFlags, failOnUntested: true }]],
  },
});
