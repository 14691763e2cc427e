import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { faultSuite } from './fault-suite.js';
import { redisWiring } from './redis-wiring.js';
import { writersSuite } from './writers-suite.js';

if (spawnSync('redis-server', ['--version']).error === undefined) {
  const wirings = [redisWiring('redis (node-redis)'), redisWiring('redis (ioredis)')] as const;
  for (const wiring of wirings) faultSuite(wiring);
  writersSuite('redis', wirings);
} else {
  const missing = 'redis-server: not on the PATH (Debian: apt-get install redis-server)';
  it.skipIf(process.env['CI'] !== 'true')(missing, () => expect.fail(missing));
}
