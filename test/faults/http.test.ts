import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { faultSuite } from './fault-suite.js';
import { chainWiring, httpWiring } from './http-wiring.js';
import { redisWiring } from './redis-wiring.js';

const redis = redisWiring('redis (node-redis)');

if (spawnSync('redis-server', ['--version']).error === undefined) {
  faultSuite(httpWiring(redis));
  faultSuite(chainWiring(redis));
} else {
  const missing = 'redis-server: not on the PATH (Debian: apt-get install redis-server)';
  it.skipIf(process.env['CI'] !== 'true')(missing, () => expect.fail(missing));
}
