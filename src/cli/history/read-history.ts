import type { Change, FlagStore } from '../../stores/flag-store.js';
import { CommandError } from '../command-error.js';
import { EXIT } from '../exit-code.js';

const FIRST_PAGE = 200;

/**
 * The changes of a store, newest first, until one says that it is enough. Reads more of a long history only where that is
 * needed.
 *
 * @throws CommandError if the store keeps no history
 */
export async function readHistory(
  store: FlagStore,
  isEnough: (changes: readonly Change[]) => boolean,
): Promise<readonly Change[]> {
  if (store.history === undefined) {
    throw new CommandError(EXIT.store, `${store.name} keeps no history. Look where its flags are written.`);
  }
  for (let limit = FIRST_PAGE; ; limit *= 10) {
    const changes = await store.history({ limit });
    if (changes.length < limit || isEnough(changes)) return changes;
  }
}

/** The part of a version that is enough to tell it from others of the same history. */
export const counterOf = (version: string): string => version.slice(version.lastIndexOf(':') + 1);
