/** The floor: what a careful engineer writes for this one flag, counting included. */
import { FLAG } from '../flag.js';

export const name = 'hand-written';

const TENTH = Math.round(2 ** 32 / 10);

export function load() {
  const counts = { rule: 0, in: 0, out: 0 };

  function isOn({ id, country, plan }) {
    if ((country === 'US' || country === 'CA') && (plan === 'pro' || plan === 'enterprise')) {
      counts.rule += 1;
      return true;
    }
    if (murmur3(`${FLAG}:${id}`) < TENTH) {
      counts.in += 1;
      return true;
    }
    counts.out += 1;
    return false;
  }

  function sweep(contexts) {
    let on = 0;
    for (const context of contexts) if (isOn(context)) on += 1;
    return on;
  }

  return {
    contextOf: (unit) => ({ ...unit }),
    sweep,
    isOn: (_key, context) => isOn(context),
    counts,
    close: () => undefined,
  };
}

/** MurmurHash3, x86, 32 bits, seed 0, of ASCII text. */
export function murmur3(text) {
  let hash = 0;
  let index = 0;
  for (; index + 4 <= text.length; index += 4) {
    const word =
      text.charCodeAt(index) |
      (text.charCodeAt(index + 1) << 8) |
      (text.charCodeAt(index + 2) << 16) |
      (text.charCodeAt(index + 3) << 24);
    hash ^= scramble(word);
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  let rest = 0;
  for (let shift = 0; index < text.length; index += 1, shift += 8) rest |= text.charCodeAt(index) << shift;
  hash ^= scramble(rest) ^ text.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function scramble(word) {
  const product = Math.imul(word, 0xcc9e2d51);
  return Math.imul((product << 15) | (product >>> 17), 0x1b873593);
}
