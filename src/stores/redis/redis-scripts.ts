import { createHash } from 'node:crypto';

/** A Lua script, and the hash by which Redis knows it once it has seen it. */
export interface RedisScript {
  readonly text: string;
  readonly sha1: string;
}

export function redisScript(text: string): RedisScript {
  return { text, sha1: createHash('sha1').update(text).digest('hex') };
}

/**
 * The kills as one short text, whatever the order in which Redis gives them; and the tag, which is another whenever
 * anything is different. Lengths stand before the parts, so that no two hashes read the same.
 */
const common = `
local function digestOf(kills)
  local parts = {}
  for i = 1, #kills, 2 do
    parts[#parts + 1] = #kills[i] .. ':' .. kills[i] .. #kills[i + 1] .. ':' .. kills[i + 1]
  end
  table.sort(parts)
  return redis.sha1hex(table.concat(parts))
end
local function tagOf(version, digest)
  return (version or '') .. ' ' .. digest
end
`;

/** KEYS: flags, kills. Gives the tag. */
export const askScript: RedisScript = script(`
return tagOf(redis.call('HGET', KEYS[1], 'version'), digestOf(redis.call('HGETALL', KEYS[2])))
`);

/**
 * KEYS: flags, kills. ARGV: the version of the document that the reader has already; its text is not sent again.
 * Gives version, digest of the kills, the kills, their digest when they were recorded, the state as recorded, the
 * document's version, and its text.
 */
export const readScript: RedisScript = script(`
local kills = redis.call('HGETALL', KEYS[2])
local flags = redis.call('HMGET', KEYS[1], 'version', 'killsDigest', 'state', 'documentVersion')
local text = false
if flags[4] and flags[4] ~= ARGV[1] then text = redis.call('HGET', KEYS[1], 'document') end
return { flags[1], digestOf(kills), kills, flags[2], flags[3], flags[4], text }
`);

/**
 * KEYS: flags, kills, history, and fences for a change that has a lease. ARGV: 1 the version and 2 the digest of kills that
 * are expected, 3 the new version, 4 the state, 5 the change, 6 its id, 7 how many changes are kept, 8 the channel,
 * 9 whether there is a document, 10 its text, 11 name and 12 fence of the lease, 13 how many kills end, then their keys,
 * then keys and texts of the kills that begin or are others. Gives \`written\`, \`lost\` for the lease, or \`conflict\`.
 *
 * A client that lost the connection before the answer came may send the same write again: then its id is in the history.
 */
export const writeScript: RedisScript = script(`
local version = redis.call('HGET', KEYS[1], 'version')
local digest = digestOf(redis.call('HGETALL', KEYS[2]))
local isOther = (version or '') ~= ARGV[1] or digest ~= ARGV[2]
if isOther then
  for _, change in ipairs(redis.call('LRANGE', KEYS[3], 0, 99)) do
    if string.find(change, ARGV[6], 1, true) then return 'written' end
  end
end
if KEYS[4] and redis.call('HGET', KEYS[4], ARGV[11]) ~= ARGV[12] then return 'lost' end
if isOther then return 'conflict' end
local firstBegun = 14 + tonumber(ARGV[13])
for i = 14, firstBegun - 1 do redis.call('HDEL', KEYS[2], ARGV[i]) end
for i = firstBegun, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
digest = digestOf(redis.call('HGETALL', KEYS[2]))
redis.call('HSET', KEYS[1], 'version', ARGV[3], 'killsDigest', digest, 'state', ARGV[4])
if ARGV[9] == '1' then redis.call('HSET', KEYS[1], 'documentVersion', ARGV[3], 'document', ARGV[10]) end
redis.call('LPUSH', KEYS[3], ARGV[5])
redis.call('LTRIM', KEYS[3], 0, tonumber(ARGV[7]) - 1)
redis.call('PUBLISH', ARGV[8], tagOf(ARGV[3], digest))
return 'written'
`);

/** KEYS: history. ARGV: how many. Gives changes as texts, newest first. */
export const historyScript: RedisScript = script(`
return redis.call('LRANGE', KEYS[1], 0, tonumber(ARGV[1]) - 1)
`);

/**
 * KEYS: turn. ARGV: 1 the place of a change in line, where a lower one goes first, or nothing for one that has no place yet;
 * 2 how long a turn lasts, in milliseconds. Gives `go` or `wait`: `go` also to a user who has no right to the turn.
 */
export const takeTurnScript: RedisScript = script(`
local first = redis.pcall('GET', KEYS[1])
local isElses = type(first) == 'string' and first ~= ARGV[1]
if isElses and (ARGV[1] == '' or first < ARGV[1]) then return 'wait' end
if ARGV[1] ~= '' then redis.pcall('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
return 'go'
`);

/** KEYS: turn. ARGV: the place whose turn it was. */
export const endTurnScript: RedisScript = script(`
if redis.pcall('GET', KEYS[1]) == ARGV[1] then redis.pcall('DEL', KEYS[1]) end
return 'ended'
`);

function script(body: string): RedisScript {
  return redisScript(`${common}${body}`);
}
