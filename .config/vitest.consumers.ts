import { defineConfig } from 'vitest/config';

/** The packed package in projects of its users: minutes, and a registry to install from. */
export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: { include: ['test/consumers/consumers.test.ts'], fileParallelism: false },
});
