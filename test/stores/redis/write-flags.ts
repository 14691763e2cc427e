import { redisStore } from '../../../src/stores/redis/redis-store.js';
import { type ClientName, openClient } from './clients.js';

/** One of several processes that change the same flags: flags and kills `NAME-0`, `NAME-1`, … It ends with whoever started it. */
const [client = '', url = '', prefix = '', name = '', count = '0'] = process.argv.slice(2);
process.on('disconnect', () => process.exit());
const redis = await openClient[client as ClientName](url);
const store = redisStore(redis.client, { prefix, historyLength: 100_000, timeoutMs: 60_000 });
for (let index = 0; index < Number(count); index += 1) {
  const key = `${name}-${index}`;
  await store.update((document) => ({ ...document, flags: { ...document.flags, [key]: { rollout: index % 100 } } }), {
    by: name,
    reason: 'test',
    state: ({ kills, ...state }) => ({
      ...state,
      kills: new Map([...kills, [key, { at: 0, by: name, reason: 'test' }]]),
    }),
  });
}
await store.close();
redis.end();
process.disconnect();
