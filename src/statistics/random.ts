/** Numbers from 0 to below 1, evenly. */
export type Random = () => number;

/**
 * A generator that gives the same numbers for the same seed, on every machine: C. Doty-Humphrey's sfc32, with 128 bits of
 * state. For simulations; nothing about it is secret.
 * @param seed any number; only its lowest 32 bits count
 */
export function createRandom(seed: number): Random {
  let a = 0;
  let b = 0x9e3779b9;
  let c = seed | 0;
  let counter = 1;
  const next = (): number => {
    const mixed = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + mixed) | 0;
    return (mixed >>> 0) / 2 ** 32;
  };
  for (let step = 0; step < 15; step += 1) next();
  return next;
}
