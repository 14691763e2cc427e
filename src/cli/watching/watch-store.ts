import { EventEmitter, on } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import type { Change, FlagStore } from '../../stores/flag-store.js';
import { CommandError } from '../command-error.js';
import { type DescribedChange, describeChanges } from '../diff/describe-changes.js';
import { describeStateChanges } from '../diff/describe-state.js';
import { changeText } from '../diff/diff-text.js';
import { inlineValue } from '../output/inline-value.js';
import { errorText } from '../error-text.js';
import { EXIT } from '../exit-code.js';
import { type CommandFlags, readFlags } from '../served-flags.js';
import { printable } from '../output/printable.js';
import type { Terminal } from '../terminal.js';

export interface WatchStoreOptions {
  /** Whether the first change is enough. */
  readonly once: boolean;
  readonly json: boolean;
  /** Is told each version that was found, the first one, too. */
  readonly onVersion?: (version: string) => void;
}

/** A change as it came. */
interface SeenChange {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly version: string;
  /** `undefined`: it was made past Halyard, such as with an editor. */
  readonly by?: string;
  readonly reason?: string;
  /** In words, where it came alone; else its paths are all that is known. */
  readonly changes: readonly DescribedChange[];
  readonly difference?: Change['difference'];
}

/**
 * Prints the changes of a store as they come, until the terminal's signal ends it. What can't be read is said, and the
 * store is followed on.
 *
 * @throws CommandError if the store can't be followed; whatever the first load rejects with
 */
export async function watchStore(store: FlagStore, options: WatchStoreOptions, terminal: Terminal): Promise<void> {
  const { signal, now } = terminal;
  if (store.watch === undefined) throw new CommandError(EXIT.usage, `${store.name} can't be followed.`);
  const changes = new EventEmitter();
  // Listened to before the first load, so that no change is missed between.
  const told = on(changes, 'change', { signal });
  const stop = store.watch(() => changes.emit('change'));
  // No store keeps a process alive, and this command shall live.
  const alive = setInterval(() => undefined, 2 ** 30);
  try {
    const follower = await StoreChanges.from(store, now);
    options.onVersion?.(follower.version);
    terminal.err(`Watching ${store.name} at version ${follower.version}. Ctrl-C ends.\n`);
    while ((await told.next()).done !== true) {
      const seen = await follower.look().catch(errorText);
      options.onVersion?.(follower.version);
      print(seen, options, terminal);
      if (options.once && Array.isArray(seen) && seen.length > 0) break;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    clearInterval(alive);
    stop();
  }
}

/** What a store held at the last look, and what came since. */
class StoreChanges {
  readonly #store: FlagStore;
  readonly #now: () => number;
  #flags: CommandFlags;
  #newest: string | undefined;

  private constructor(store: FlagStore, now: () => number, flags: CommandFlags) {
    this.#store = store;
    this.#now = now;
    this.#flags = flags;
  }

  static async from(store: FlagStore, now: () => number): Promise<StoreChanges> {
    const changes = new StoreChanges(store, now, await readFlags(store, now));
    await changes.#newEntries();
    return changes;
  }

  get version(): string {
    return this.#flags.served.version;
  }

  /** Oldest first; none if nothing is different. */
  async look(): Promise<readonly SeenChange[]> {
    const before = this.#flags.served;
    this.#flags = await readFlags(this.#store, this.#now);
    const after = this.#flags.served;
    const changes = [
      ...describeChanges(before.document, after.document),
      ...describeStateChanges(before.state, after.state),
    ];
    const entries = changes.length === 0 ? await this.#newEntries() : await this.#entriesInTime();
    const [only] = entries;
    if (only === undefined) {
      return changes.length === 0 ? [] : [{ at: this.#now(), version: after.version, changes }];
    }
    if (entries.length === 1) return [{ ...only, changes }];
    return entries.map((entry) => ({ ...entry, changes: [] }));
  }

  /** The entries of a change. None comes for one that was made past Halyard. */
  async #entriesInTime(): Promise<readonly Change[]> {
    const looks = this.#store.history === undefined ? 0 : LATE_ENTRY_MS / LOOK_AGAIN_MS;
    let entries = await this.#newEntries();
    for (let look = 0; look < looks && entries.length === 0; look += 1) {
      await wait(LOOK_AGAIN_MS);
      entries = await this.#newEntries();
    }
    return entries;
  }

  async #newEntries(): Promise<readonly Change[]> {
    const all = (await this.#store.history?.({ limit: MOST_ENTRIES })) ?? [];
    // What came after the flags were read is told with them, at the next look.
    const served = all.findIndex(({ version }) => version === this.version);
    const history = all.slice(Math.max(served, 0));
    const known = history.findIndex(({ version }) => version === this.#newest);
    this.#newest = history[0]?.version ?? this.#newest;
    return history.slice(0, known === -1 ? history.length : known).reverse();
  }
}

/** A store may write its history last. How long after a change its entry is waited for, and how often it is looked for, in milliseconds. */
const LATE_ENTRY_MS = 1_000;
const LOOK_AGAIN_MS = 50;

/** How many changes may come at once and still be told one by one. */
const MOST_ENTRIES = 100;

function print(seen: readonly SeenChange[] | string, { json }: WatchStoreOptions, terminal: Terminal): void {
  const { paper, errPaper } = terminal;
  if (typeof seen === 'string') {
    terminal.err(`${new Date(terminal.now()).toISOString()} ${errPaper.colors.red(printable(seen))}\n`);
    return;
  }
  for (const change of seen) {
    const at = new Date(change.at).toISOString();
    terminal.out(
      json
        ? `${JSON.stringify({ ...change, at })}\n`
        : `${printable(textOf(change, at, terminal), paper.colors.isColorSupported)}\n`,
    );
  }
}

function textOf(
  { version, by, reason, changes, difference = [] }: SeenChange,
  at: string,
  { paper }: Terminal,
): string {
  const { bold, dim } = paper.colors;
  const who = by === undefined ? 'changed past Halyard' : `${bold(by)}: ${reason ?? ''}`;
  const what =
    changes.length > 0
      ? changes.map((change) => changeText(change, paper))
      : difference.map(({ path, before, after }) => `${path}: ${inlineValue(before)} → ${inlineValue(after)}`);
  return [`${at} ${who} ${dim(`(version ${version})`)}`, ...what.map((text) => text.replaceAll(/^/gm, '  '))].join(
    '\n',
  );
}
