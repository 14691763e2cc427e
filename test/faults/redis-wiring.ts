import { redisCli, RedisServer } from '../stores/redis/redis-server.js';
import type { WritableWiring, FaultyServer } from './fault-wiring.js';
import type { WritableKind } from './open-store.js';

const password = 'first-word';

export function redisWiring(kind: WritableKind): WritableWiring {
  return {
    kind,
    isImpatient: true,
    start: async () => faultyRedis(await RedisServer.start({ requirepass: password })),
  };
}

function faultyRedis(server: RedisServer): FaultyServer {
  const flags = '{shop:faults}:flags';
  return {
    port: server.port,
    url: (port = server.port) => `redis://default:${password}@127.0.0.1:${port}`,
    kill: () => server.kill(),
    restart: () => server.restart(),
    pause: () => server.pause(),
    resume: () => server.resume(),
    empty: () => server.empty(),
    garbage: [
      {
        name: 'text that is no document',
        isNoticed: true,
        put: () =>
          server.cli('hset', flags, 'document', 'flags: [', 'documentVersion', 'by hand', 'version', 'by hand:1'),
      },
      {
        name: 'a document of another format',
        isNoticed: true,
        put: () =>
          server.cli('hset', flags, 'document', 'version: 7', 'documentVersion', 'by hand', 'version', 'by hand:2'),
      },
      {
        name: 'a key of another type',
        isNoticed: true,
        put: () => server.cli('set', flags, 'garbage'),
        clear: () => server.cli('del', flags),
      },
    ],
    changePassword: async () => {
      const changed = server.url.replace(password, 'second-word');
      await server.cli('config', 'set', 'requirepass', 'second-word');
      for (const type of ['normal', 'pubsub']) await redisCli(changed, 'client', 'kill', 'type', type);
      return () => redisCli(changed, 'config', 'set', 'requirepass', password);
    },
    startReplica: async (port) => {
      const replica = await RedisServer.start({ requirepass: password, masterauth: password });
      await replica.cli('replicaof', '127.0.0.1', String(port));
      return {
        ...faultyRedis(replica),
        promote: () => replica.cli('replicaof', 'no', 'one'),
        hasCopied: async () =>
          (await replica.cli('hget', flags, 'version')) === (await server.cli('hget', flags, 'version')),
      };
    },
    remove: () => server.remove(),
  };
}
