import { spawnSync } from 'node:child_process';
import { afterAll, expect, it } from 'vitest';
import { isListening, RedisServer } from './redis-server.js';

/**
 * Runs the tests with the Redis at `$REDIS_URL` (default: this machine's), or with one of their own where none answers.
 * Without `redis-server` on the PATH they are skipped, with a line that says so; on CI that is a failure.
 */
export async function withRedis(tests: (url: string) => void): Promise<void> {
  if (spawnSync('redis-server', ['--version']).error !== undefined) {
    const missing = 'redis-server: not on the PATH (Debian: apt-get install redis-server)';
    console.warn(missing);
    it.skipIf(process.env['CI'] !== 'true')(missing, () => expect.fail(missing));
    return;
  }
  const url = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379';
  if (await isListening(url)) {
    tests(url);
    return;
  }
  const server = await RedisServer.start();
  afterAll(() => server.remove());
  tests(server.url);
}
