import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { reporters: ['default', ['halyard/testing/vitest-reporter', { failOnUntested: true }]] },
});
