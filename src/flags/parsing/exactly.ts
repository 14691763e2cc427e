/**
 * The same list in as much memory as it needs. One that grew by `push` keeps room for sixteen more, which adds up over
 * the values, conditions and rules of thousands of flags.
 */
export function exactly<Item>(list: readonly Item[]): readonly Item[] {
  return list.slice();
}
