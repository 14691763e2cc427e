/** The states of several things, each by its place among that thing's states. */
export type Row = readonly number[];

/** Every combination. `sizes` says how many states each thing has. The last thing changes fastest. */
export function allRows(sizes: readonly number[]): readonly Row[] {
  return sizes.reduce<readonly Row[]>(
    (rows, size) => rows.flatMap((row) => Array.from({ length: size }, (_, state) => [...row, state])),
    [[]],
  );
}

/** From how many rows the best is taken. */
const CANDIDATES = 10;

/**
 * Rows in which every two states of two things occur together at least once: most mistakes need no more than two. Each
 * row begins with a pair that no row has yet, and takes for one thing after another the state that brings the most new
 * pairs; of several such rows, which take the things in other orders, the one with the most new pairs. The same rows at
 * each call.
 *
 * After D. M. Cohen, S. R. Dalal, M. L. Fredman, G. C. Patton, "The AETG System: An Approach to Testing Based on
 * Combinatorial Design", IEEE Transactions on Software Engineering 23(7), 1997, whose orders are random.
 * https://doi.org/10.1109/32.605761
 *
 * @param sizes of two things or more
 */
export function pairwiseRows(sizes: readonly number[]): readonly Row[] {
  const missing = new Map(allPairs(sizes).map((pair) => [nameOf(pair), pair]));
  const rows: Row[] = [];
  for (let seed = firstOf(missing); seed !== undefined; seed = firstOf(missing)) {
    const row = bestAround(seed, sizes, missing);
    for (const pair of pairsIn(row)) missing.delete(nameOf(pair));
    rows.push(row);
  }
  return rows;
}

/** Two things, by their places, and the state of each. */
interface Pair {
  readonly things: readonly [number, number];
  readonly states: readonly [number, number];
}

type Pairs = ReadonlyMap<string, Pair>;

function bestAround(seed: Pair, sizes: readonly number[], missing: Pairs): Row {
  const candidates = Array.from({ length: CANDIDATES }, (_, turn) => rowAround(seed, sizes, missing, turn));
  const gains = candidates.map((row) => pairsIn(row).filter((pair) => missing.has(nameOf(pair))).length);
  return candidates[gains.indexOf(Math.max(...gains))] ?? [];
}

/** @param turn from which thing, and of states that bring as much, from which state it begins */
function rowAround({ things, states }: Pair, sizes: readonly number[], missing: Pairs, turn: number): Row {
  const chosen = new Map([
    [things[0], states[0]],
    [things[1], states[1]],
  ]);
  for (let step = 0; step < sizes.length; step += 1) {
    const thing = (step + turn) % sizes.length;
    const size = sizes[thing] ?? 1;
    if (chosen.has(thing)) continue;
    const inOrder = Array.from({ length: size }, (_, place) => (place + turn + thing) % size);
    const gains = inOrder.map((state) => gainOf(thing, state, chosen, missing));
    chosen.set(thing, inOrder[gains.indexOf(Math.max(...gains))] ?? 0);
  }
  return sizes.map((_, thing) => chosen.get(thing) ?? 0);
}

/** How many pairs that no row has yet a state makes with those that are chosen. */
function gainOf(thing: number, state: number, chosen: ReadonlyMap<number, number>, missing: Pairs): number {
  let gain = 0;
  for (const [other, otherState] of chosen) {
    const pair: Pair =
      other < thing
        ? { things: [other, thing], states: [otherState, state] }
        : { things: [thing, other], states: [state, otherState] };
    if (missing.has(nameOf(pair))) gain += 1;
  }
  return gain;
}

function allPairs(sizes: readonly number[]): readonly Pair[] {
  return sizes.flatMap((size, first) =>
    sizes.slice(first + 1).flatMap((otherSize, index) =>
      allRows([size, otherSize]).map(([state = 0, otherState = 0]): Pair => ({
        things: [first, first + 1 + index],
        states: [state, otherState],
      })),
    ),
  );
}

function pairsIn(row: Row): readonly Pair[] {
  return row.flatMap((state, first) =>
    row
      .slice(first + 1)
      .map((otherState, index): Pair => ({ things: [first, first + 1 + index], states: [state, otherState] })),
  );
}

const nameOf = ({ things, states }: Pair): string => `${things.join()}:${states.join()}`;

const firstOf = (pairs: Pairs): Pair | undefined => pairs.values().next().value;
