/**
 * MurmurHash3, x86, 32 bits, seed 0, of UTF-8 text: https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp
 *
 * The state is resumable, so that a fixed prefix is hashed once, and text is encoded on the way, without a buffer.
 */
export interface Murmur3State {
  /** The hash of the whole 4-byte blocks so far. */
  readonly hash: number;
  /** The bytes after the last whole block, the first in the lowest place. */
  readonly carry: number;
  /** How many bytes came so far; modulo 4 it tells how many are in `carry`. */
  readonly length: number;
}

const C1 = 0xcc9e2d51;
const C2 = 0x1b873593;

/** The state after the UTF-8 bytes of `text`. */
export function murmur3Prefix(text: string): Murmur3State {
  return absorb(0, 0, 0, text, 0);
}

/** The hash of the prefix followed by the UTF-8 bytes of `text`: an unsigned 32-bit number. */
export function murmur3(prefix: Murmur3State, text: string): number {
  const used = (prefix.length & 3) << 3;
  let hash = prefix.hash;
  let carry = prefix.carry;
  let index = 0;
  for (const end = text.length - 3; index < end; index += 4) {
    const a = text.charCodeAt(index);
    const b = text.charCodeAt(index + 1);
    const c = text.charCodeAt(index + 2);
    const d = text.charCodeAt(index + 3);
    if ((a | b | c | d) > 0x7f) return finish(absorb(hash, carry, prefix.length + index, text, index));
    const word = a | (b << 8) | (c << 16) | (d << 24);
    hash = mixBlock(hash, carry | (word << used));
    // A shift by 32 is a shift by 0 in JavaScript, hence two shifts.
    carry = (word >>> 1) >>> (31 - used);
  }
  let shift = used;
  for (; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f) return finish(absorb(hash, carry, prefix.length + index, text, index));
    carry |= unit << shift;
    shift += 8;
    if (shift === 32) {
      hash = mixBlock(hash, carry);
      carry = 0;
      shift = 0;
    }
  }
  return finalMix(hash ^ scramble(carry) ^ (prefix.length + text.length));
}

/**
 * The state after the UTF-8 bytes of `text` from `start` on, byte by byte. A lone surrogate is U+FFFD, as in every encoder
 * of the platform.
 */
function absorb(startHash: number, startCarry: number, startLength: number, text: string, start: number): Murmur3State {
  let hash = startHash;
  let carry = startCarry;
  let length = startLength;
  for (let index = start; index < text.length; index += 1) {
    let point = text.codePointAt(index) ?? 0;
    if (point > 0xffff) index += 1;
    else if (point >= 0xd800 && point <= 0xdfff) point = 0xfffd;
    const bytes = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (let place = bytes - 1; place >= 0; place -= 1) {
      carry |= utf8Byte(point, bytes, place) << ((length & 3) << 3);
      length += 1;
      if ((length & 3) === 0) {
        hash = mixBlock(hash, carry);
        carry = 0;
      }
    }
  }
  return { hash, carry, length };
}

/** The byte of a code point at `place`, counted from its last byte. */
function utf8Byte(point: number, bytes: number, place: number): number {
  if (bytes === 1) return point;
  const bits = point >>> (6 * place);
  return place === bytes - 1 ? ((0xf00 >>> bytes) & 0xff) | bits : 0x80 | (bits & 0x3f);
}

function mixBlock(hash: number, word: number): number {
  const mixed = hash ^ scramble(word);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

function scramble(word: number): number {
  const product = Math.imul(word, C1);
  return Math.imul((product << 15) | (product >>> 17), C2);
}

function finish({ hash, carry, length }: Murmur3State): number {
  return finalMix(hash ^ scramble(carry) ^ length);
}

function finalMix(hash: number): number {
  let result = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  result = Math.imul(result ^ (result >>> 13), 0xc2b2ae35);
  return (result ^ (result >>> 16)) >>> 0;
}
