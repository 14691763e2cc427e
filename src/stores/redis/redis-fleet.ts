import { inFleetOrder } from '../fleet-order.js';
import type { FleetInstance, FleetRegister, FlagTimes, InstanceReport } from '../fleet-register.js';
import { parseInstanceReport } from '../instance-report.js';
import type { RedisKeys } from './redis-keys.js';
import type { RedisLink } from './redis-link.js';
import { toList, toText } from './redis-reply.js';
import { type RedisScript, redisScript } from './redis-scripts.js';
import { RedisUsage } from './redis-usage.js';

/**
 * The instances that follow a store, in one hash: an id, and `LAST_CONTACT FORGOTTEN_AT {…}` in milliseconds by Redis'
 * clock. What is over is passed over, and removed when another instance comes; the hash goes with the last of them.
 *
 * Every method rejects with {@link RedisStoreError} if Redis can't be asked, or doesn't answer in time.
 */
export class RedisFleet implements FleetRegister {
  readonly #link: RedisLink;
  readonly #key: string;
  readonly #usage: RedisUsage;

  constructor(link: RedisLink, keys: Pick<RedisKeys, 'fleet' | 'usage'>) {
    this.#link = link;
    this.#key = keys.fleet;
    this.#usage = new RedisUsage(link, keys.usage);
  }

  async report({ id, ...rest }: InstanceReport, ttlMs: number): Promise<void> {
    await this.#link.run(reportScript, [this.#key], [id, String(Math.ceil(ttlMs)), JSON.stringify(rest)]);
  }

  async remove(id: string): Promise<void> {
    await this.#link.run(removeScript, [this.#key], [id]);
  }

  async list(): Promise<readonly FleetInstance[]> {
    const reply = toList(await this.#link.run(listScript, [this.#key], []));
    const instances: FleetInstance[] = [];
    for (let index = 0; index + 1 < reply.length; index += 2) {
      const instance = parseInstance(toText(reply[index]) ?? '', toText(reply[index + 1]) ?? '');
      if (instance !== undefined) instances.push(instance);
    }
    return inFleetOrder(instances);
  }

  noteUsage(lastEvaluated: FlagTimes): Promise<void> {
    return this.#usage.note(lastEvaluated);
  }

  usage(): Promise<FlagTimes> {
    return this.#usage.read();
  }
}

/** What stands in the hash as `id`; `undefined` for what nobody reported. */
function parseInstance(id: string, text: string): FleetInstance | undefined {
  const [, contact, json = ''] = /^(\d{1,15}) \d+ (\{.*\})$/s.exec(text) ?? [];
  try {
    // The braces around it leave nothing but an object.
    const rest = JSON.parse(json) as object;
    return { ...parseInstanceReport({ ...rest, id }), lastContact: Number(contact) };
  } catch {
    return undefined;
  }
}

/** Whether an entry still counts. One that is no report, or is longer than any, doesn't. */
const lua = `
local function nowMs()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function isLive(entry, now)
  local till = #entry <= 4096 and tonumber(string.match(entry, '^%d+ (%d+) '))
  return till and till > now
end
`;

/** KEYS: fleet. ARGV: the id, for how many milliseconds it counts, the rest as JSON. */
const reportScript: RedisScript = redisScript(`${lua}
local now = nowMs()
local entry = string.format('%.0f %.0f %s', now, now + ARGV[2], ARGV[3])
if redis.call('HSET', KEYS[1], ARGV[1], entry) == 1 then
  local all = redis.call('HGETALL', KEYS[1])
  for i = 1, #all, 2 do
    if not isLive(all[i + 1], now) then redis.call('HDEL', KEYS[1], all[i]) end
  end
end
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 'OK'
`);

/** KEYS: fleet. ARGV: the id. */
const removeScript: RedisScript = redisScript(`
return redis.call('HDEL', KEYS[1], ARGV[1])
`);

/** KEYS: fleet. Gives ids and entries of those that live. */
const listScript: RedisScript = redisScript(`${lua}
local now = nowMs()
local all = redis.call('HGETALL', KEYS[1])
local live = {}
for i = 1, #all, 2 do
  if isLive(all[i + 1], now) then
    live[#live + 1] = all[i]
    live[#live + 1] = all[i + 1]
  end
end
return live
`);
