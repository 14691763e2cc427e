import { gitVersion, isGitAddress } from '../addresses/git-version.js';
import { usingStore } from '../addresses/store-option.js';
import type { FlagState } from '../../flags/flag-state.js';
import type { FlagStore } from '../../stores/flag-store.js';
import { type CommandFlags, readFlags } from '../served-flags.js';
import type { Terminal } from '../terminal.js';

/** One side of a comparison. */
export interface Side {
  readonly flags: CommandFlags;
  /** Whether what operations did belongs to it: a version in git has none, nor has a file beside which none was kept. */
  readonly hasState: boolean;
}

/**
 * Reads both sides at one moment. A side without a state takes over the other's, so that only what the documents say
 * differs: a kill in production is no news of a pull request.
 */
export async function readSides(
  before: string,
  after: string,
  terminal: Terminal,
  now: number,
): Promise<{ readonly before: Side; readonly after: Side }> {
  const [old, next] = [await readSide(before, terminal, now), await readSide(after, terminal, now)];
  if (old.hasState === next.hasState) return { before: old, after: next };
  return old.hasState
    ? { before: old, after: await readSide(after, terminal, now, old.flags.served.state) }
    : { before: await readSide(before, terminal, now, next.flags.served.state), after: next };
}

async function readSide(address: string, terminal: Terminal, now: number, state?: FlagState): Promise<Side> {
  const read = async (store: FlagStore): Promise<CommandFlags> =>
    await readFlags(state === undefined ? store : withState(store, state), () => now);
  if (isGitAddress(address)) return { flags: await read(gitVersion(address, terminal.cwd)), hasState: false };
  const flags = await usingStore({ store: address }, terminal, read);
  const { kills, rollouts, trips } = flags.served.state;
  const isFile = !/^[a-z][a-z0-9+.-]*:\/\//i.test(address);
  return { flags, hasState: !isFile || kills.size + rollouts.size + trips.size > 0 };
}

/** The same document under another state. */
const withState = (store: FlagStore, state: FlagState): FlagStore => ({
  name: store.name,
  refuses: store.refuses,
  maxBytes: store.maxBytes,
  load: async () => ({ ...(await store.load()), state }),
  close: () => store.close(),
});
