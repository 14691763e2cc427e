import { expectLeaseRequest, type Lease, LeaseLostError, type LeaseRegister } from '../lease-register.js';
import type { RedisKeys } from './redis-keys.js';
import type { RedisLink } from './redis-link.js';
import { toText } from './redis-reply.js';
import { type RedisScript, redisScript } from './redis-scripts.js';

/**
 * Leases in two places: the fences in a hash that stays, and the holder of each lease, as `FENCE HOLDER`, in a key that
 * expires with it.
 *
 * A fence is the time at which its lease was taken, in milliseconds by Redis' clock, or one more than before: a server
 * that was emptied, or lost its latest changes at a failover, doesn't give one twice.
 *
 * Every method rejects with {@link RedisStoreError} if Redis can't be asked, or doesn't answer in time.
 */
export class RedisLeases implements LeaseRegister {
  readonly #link: RedisLink;
  readonly #keys: Pick<RedisKeys, 'fences' | 'lease'>;

  constructor(link: RedisLink, keys: Pick<RedisKeys, 'fences' | 'lease'>) {
    this.#link = link;
    this.#keys = keys;
  }

  async take(name: string, holder: string, forMs: number): Promise<Lease | undefined> {
    expectLeaseRequest(name, holder, forMs);
    const { fences, lease } = this.#keys;
    const reply = await this.#link.run(takeScript, [fences, lease(name)], [name, holder, String(Math.ceil(forMs))]);
    const fence = toText(reply);
    return fence === undefined ? undefined : { name, holder, fence: Number(fence) };
  }

  async release({ name, holder, fence }: Lease): Promise<void> {
    await this.#link.run(releaseScript, [this.#keys.lease(name)], [`${fence} ${holder}`]);
  }

  /** @throws LeaseLostError if it is no longer the one that counts. */
  async expectCurrent(lease: Lease): Promise<void> {
    const fence = toText(await this.#link.run(fenceScript, [this.#keys.fences], [lease.name]));
    if (fence !== String(lease.fence)) throw new LeaseLostError(lease);
  }
}

/**
 * KEYS: fences, the lease's. ARGV: its name, who takes it, for how many milliseconds. Gives the fence, or nothing if
 * somebody else has it. A holder without its fence has lost the lease: nobody could write with it.
 */
const takeScript: RedisScript = redisScript(`
local fence = redis.call('HGET', KEYS[1], ARGV[1])
local held = redis.call('GET', KEYS[2])
if fence and held and string.sub(held, 1, #fence + 1) == fence .. ' ' then
  if held ~= fence .. ' ' .. ARGV[2] then return false end
else
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  fence = string.format('%.0f', math.max((tonumber(fence) or 0) + 1, now))
  redis.call('HSET', KEYS[1], ARGV[1], fence)
end
redis.call('SET', KEYS[2], fence .. ' ' .. ARGV[2], 'PX', ARGV[3])
return fence
`);

/** KEYS: the lease's. ARGV: fence and holder. */
const releaseScript: RedisScript = redisScript(`
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 'OK'
`);

/** KEYS: fences. ARGV: the lease's name. */
const fenceScript: RedisScript = redisScript(`
return redis.call('HGET', KEYS[1], ARGV[1])
`);
