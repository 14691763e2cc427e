/**
 * Positions for rows that are to stand in a given order. As many as can be keep the one that they had, so that few rows
 * need to be written: what is new gets a place between its neighbours.
 *
 * @param former what each row had, in the order wanted; `undefined`: it is new
 * @returns as many, each higher than the one before
 */
export function positionsInOrder(former: readonly (number | undefined)[]): readonly number[] {
  const kept = longestRise(former);
  const positions: number[] = [];
  let from: number | undefined;
  for (const index of [...kept, former.length]) {
    const to = former[index];
    positions.push(...between(from, to, index - positions.length));
    if (to !== undefined) positions.push(to);
    from = to;
  }
  const isRising = positions.every((position, index) => index === 0 || position > (positions[index - 1] ?? 0));
  // Between two neighbours there is room for some fifty; then all are numbered anew.
  return isRising ? positions : former.map((_, index) => index + 1);
}

/** `count` positions between two that are taken. */
function between(from: number | undefined, to: number | undefined, count: number): readonly number[] {
  const start = from ?? (to ?? count + 1) - count - 1;
  const step = from === undefined || to === undefined ? 1 : (to - from) / (count + 1);
  return Array.from({ length: count }, (_, index) => start + step * (index + 1));
}

/** The indexes of the longest run of numbers, not necessarily neighbours, each higher than the one before. */
function longestRise(values: readonly (number | undefined)[]): readonly number[] {
  /** Where the best run of each length ends: at the lowest number. */
  const ends: number[] = [];
  const before = new Map<number, number>();
  for (const [index, value] of values.entries()) {
    if (value === undefined || !Number.isFinite(value)) continue;
    const length = firstFrom(ends, (end) => (values[end] ?? 0) >= value);
    const predecessor = ends[length - 1];
    if (predecessor !== undefined) before.set(index, predecessor);
    ends[length] = index;
  }
  const rise: number[] = [];
  for (let index = ends.at(-1); index !== undefined; index = before.get(index)) rise.push(index);
  return rise.reverse();
}

/** The first place in a list from which on the test holds; its length if there is none. */
function firstFrom(list: readonly number[], holds: (item: number) => boolean): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(list[middle] ?? 0)) high = middle;
    else low = middle + 1;
  }
  return low;
}
