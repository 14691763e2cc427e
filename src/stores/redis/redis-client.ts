import { hasMethods, show } from '../../options/check-options.js';
import { type IoredisClient, ioredisCommands } from './ioredis-commands.js';
import { type NodeRedisClient, nodeRedisCommands } from './node-redis-commands.js';
import type { RedisCommands } from './redis-commands.js';

/** A client of node-redis (`redis`, 4 or newer) or of `ioredis` (5 or newer), for one server, Sentinel or a cluster. */
export type RedisClient = NodeRedisClient | IoredisClient;

/**
 * Tells by a client's methods whose it is.
 *
 * @throws TypeError for anything else.
 */
export function commandsOf(client: RedisClient): RedisCommands {
  if (isNodeRedis(client)) return nodeRedisCommands(client);
  if (isIoredis(client)) return ioredisCommands(client);
  throw new TypeError(
    `redisStore: expected a client of node-redis (4 or newer) or ioredis (5 or newer), found ${show(client)}.`,
  );
}

const isNodeRedis = (client: unknown): client is NodeRedisClient => hasMethods('eval', 'evalSha', 'duplicate')(client);

const isIoredis = (client: unknown): client is IoredisClient => hasMethods('eval', 'evalsha', 'duplicate')(client);
