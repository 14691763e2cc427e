import { isKey } from '../../flags/names.js';
import { type FlagTimes, MOST_USED, USAGE_LIFE_MS, USAGE_STEP_MS } from '../fleet-register.js';
import type { RedisLink } from './redis-link.js';
import { toList, toText } from './redis-reply.js';
import { type RedisScript, redisScript } from './redis-scripts.js';

/**
 * When flags were last evaluated anywhere, in one hash: a flag's key, and milliseconds since the epoch. It expires when
 * nothing was noted for as long as usage is kept.
 *
 * Every method rejects with {@link RedisStoreError} if Redis can't be asked, or doesn't answer in time.
 */
export class RedisUsage {
  readonly #link: RedisLink;
  readonly #key: string;

  constructor(link: RedisLink, key: string) {
    this.#link = link;
    this.#key = key;
  }

  async note(lastEvaluated: FlagTimes): Promise<void> {
    if (lastEvaluated.size === 0) return;
    const limits = [USAGE_STEP_MS, USAGE_LIFE_MS, MOST_USED].map(String);
    const notes = Array.from(lastEvaluated).flatMap(([key, at]) => [key, String(Math.floor(at))]);
    await this.#link.run(noteScript, [this.#key], [...limits, ...notes]);
  }

  async read(): Promise<FlagTimes> {
    const reply = toList(await this.#link.run(readScript, [this.#key], [])).map(toText);
    const usage = new Map<string, number>();
    for (let index = 0; index + 1 < reply.length; index += 2) {
      const [key = '', time = ''] = [reply[index], reply[index + 1]];
      // Hands may have written anything.
      if (isKey(key) && /^\d{1,15}$/.test(time)) usage.set(key, Number(time));
    }
    return usage;
  }
}

/**
 * KEYS: usage. ARGV: 1 how much later a time must be to be written, 2 for how long it is kept, both in milliseconds, 3 how
 * many flags are kept; then keys and times. Only when a flag is new are the others looked at: those to forget.
 */
const noteScript: RedisScript = redisScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local isNew, isWritten = false, false
for i = 4, #ARGV, 2 do
  local noted = redis.call('HGET', KEYS[1], ARGV[i])
  local at = math.min(tonumber(ARGV[i + 1]), now)
  if not noted or at - (tonumber(noted) or 0) >= tonumber(ARGV[1]) then
    redis.call('HSET', KEYS[1], ARGV[i], string.format('%.0f', at))
    isWritten = true
    isNew = isNew or not noted
  end
end
if isWritten then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
if isNew then
  local all = redis.call('HGETALL', KEYS[1])
  local notes = {}
  for i = 1, #all, 2 do notes[#notes + 1] = { key = all[i], at = tonumber(all[i + 1]) or 0 } end
  if #notes > tonumber(ARGV[3]) then table.sort(notes, function(a, b) return a.at > b.at end) end
  for i, note in ipairs(notes) do
    if i > tonumber(ARGV[3]) or note.at <= now - ARGV[2] then redis.call('HDEL', KEYS[1], note.key) end
  end
end
return 'OK'
`);

/** KEYS: usage. Gives keys and times. */
const readScript: RedisScript = redisScript(`
return redis.call('HGETALL', KEYS[1])
`);
