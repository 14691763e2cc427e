import { redisStore } from '../../../src/stores/redis/redis-store.js';
import { type ClientName, openClient } from './clients.js';

/** A process that watches, closes only its own client, and has nothing else to do. */
const [client = '', url = '', prefix = ''] = process.argv.slice(2);
const redis = await openClient[client as ClientName](url);
const store = redisStore(redis.client, { prefix, pollMs: 50 });
const told = new Promise<void>((resolve) => void store.watch(resolve));
await store.pushDocument('version: 1\nflags: { a: {} }\n', { by: 'test', reason: 'test' });
await told;
redis.end();
console.log('told');
