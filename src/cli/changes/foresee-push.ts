import { emptyFlagState } from '../../flags/flag-state.js';
import type { FlagStore, SourceText } from '../../stores/flag-store.js';
import { type DescribedChange, describeChanges } from '../diff/describe-changes.js';
import type { Moves } from '../diff/diff-text.js';
import { findMoves, type MovesOptions } from '../diff/find-moves.js';
import { type CommandFlags, readFlags } from '../served-flags.js';
import type { Terminal } from '../terminal.js';

/** What a push would do, in words, and to whom. */
export interface ForeseenPush {
  readonly changes: readonly DescribedChange[];
  /** `undefined`: the store serves nothing yet, so nobody can move. */
  readonly moves: Moves | undefined;
}

/** @param sources valid texts, later wins */
export async function foreseePush(
  store: FlagStore,
  sources: readonly SourceText[],
  options: MovesOptions,
  terminal: Terminal,
): Promise<ForeseenPush> {
  const now = terminal.now();
  // What can't be read serves nobody, and a push mends it.
  const before = await readFlags(store, () => now).catch(() => undefined);
  const after = await readFlags(holding(sources, before), () => now);
  return {
    changes: describeChanges(before?.served.document ?? { version: 1, flags: {} }, after.served.document),
    moves: before && (await findMoves(before, after, options, { common: {}, terminal, now })),
  };
}

/** A store that holds the texts, and goes on with what operations did. */
const holding = (document: readonly SourceText[], before: CommandFlags | undefined): FlagStore => ({
  name: document.map(({ name }) => name).join(','),
  refuses: 'whole',
  load: () => Promise.resolve({ document, state: before?.served.state ?? emptyFlagState, version: 'push:0' }),
  close: () => Promise.resolve(),
});
