/** Numbers that look random, and are the same for the same seed. */
export interface Random {
  /** 0 up to, but not, `below`. */
  readonly whole: (below: number) => number;
  readonly pick: <Item>(items: readonly Item[]) => Item;
}

/** mulberry32: https://github.com/cprosche/mulberry32 */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const whole = (below: number): number => Math.floor(next() * below);
  return { whole, pick: (items) => items[whole(items.length)]! };
}
