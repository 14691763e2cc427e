import type { Difference } from '../../stores/flag-store.js';
import { usingStore } from '../addresses/store-option.js';
import type { Answer } from '../answer.js';
import type { Terminal } from '../terminal.js';
import { authorOf } from './author.js';
import { awaitFleet, type FleetAnswer, notAwaited } from './await-fleet.js';
import { differenceText } from './difference-text.js';
import { TracedStore } from './traced-store.js';
import { waitMsOf, type WriteOptions } from './write-options.js';

/** Who changes something, and why: both go into the history. */
export interface Said {
  readonly by: string;
  readonly reason: string;
}

/** What a change came to, beside what is different. */
export interface ChangeWords {
  /** What is done, in a sentence. */
  readonly done: string;
  /** What is said where nothing had to be done. */
  readonly already: string;
  /** What whoever did it should know. */
  readonly notes?: readonly string[];
}

/** A change of the flags by a command. */
export interface RequestedChange {
  /** Why, if nobody says. */
  readonly reason: string;
  /** Writes through the store that it is given. */
  readonly change: (store: TracedStore, said: Said) => Promise<ChangeWords>;
}

/** Makes a change, waits for the fleet if that is wanted, and tells what is different. */
export async function makeChange(
  options: WriteOptions,
  terminal: Terminal,
  { reason, change }: RequestedChange,
): Promise<Answer> {
  const waitMs = waitMsOf(options);
  const { dryRun: isDryRun = false, expectedVersion } = options;
  const said = { by: await authorOf(options.by, terminal), reason: options.reason ?? reason };
  return await usingStore(options, terminal, async (store) => {
    const traced = new TracedStore(store, { isDryRun, expectedVersion });
    const words = await change(traced, said);
    const { difference } = traced;
    const version = traced.stored?.version ?? (await store.load()).version;
    const written = { difference, version, isDryRun, words };
    const isAwaited = waitMs !== undefined && !isDryRun;
    return changeAnswer(written, said, isAwaited ? await awaitFleet(store, version, waitMs, terminal) : notAwaited);
  });
}

/** A change that was made, or that a dry run would make. */
interface MadeChange {
  readonly difference: readonly Difference[];
  readonly version: string;
  readonly isDryRun: boolean;
  readonly words: ChangeWords;
}

function changeAnswer(
  { difference, version, isDryRun, words }: MadeChange,
  { by, reason }: Said,
  fleet: FleetAnswer,
): Answer {
  const isChanged = difference.length > 0;
  const { notes = [] } = words;
  return {
    data: { isChanged, isDryRun, by, reason, version, difference, ...fleet.data },
    text: (paper) => {
      const { dim } = paper.colors;
      if (!isChanged) return `${words.already} ${dim(`(version ${version})`)}`;
      const done = isDryRun ? 'A dry run: nothing is written. This would change:' : words.done;
      return [done, differenceText(difference, paper), dim(`version ${version}`)].join('\n');
    },
    notes: [...notes, ...fleet.notes],
    exitCode: fleet.exitCode,
  };
}
