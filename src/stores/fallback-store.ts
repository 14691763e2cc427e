import type { FlagDocument } from '../flags/flag-document.js';
import type { FlagState } from '../flags/flag-state.js';
import { checkOptions, hasMethods, isDuration, type OptionChecks, show } from '../options/check-options.js';
import { FallbackChain } from './fallback-chain.js';
import { FallbackSource } from './fallback-source.js';
import { FallbackWatch } from './fallback-watch.js';
import type { ChangeOptions, FlagStore, StoredFlags, UpdateOptions, WritableFlagStore } from './flag-store.js';

export interface FallbackStoreOptions {
  /** How long a source may take to answer before the next one is asked, in milliseconds. Default: 2,000. */
  readonly timeoutMs?: number | undefined;
  /**
   * How long an earlier source must have answered again before it is followed, in milliseconds; not if the one that is
   * followed is away, too. Default: 10,000.
   */
  readonly returnAfterMs?: number | undefined;
}

/**
 * Several sources in one chain: what is read comes from the first that answers, and from an earlier one again when that
 * has answered for some time. What operations did stays: a kill that an earlier source was last known to hold goes on
 * holding while a later one serves, beside those of that one.
 *
 * What is written goes to the first source alone, whichever is followed: nothing that people do is split between two.
 * If it is away, that fails. A write that it took makes it the one that is followed.
 *
 * @param stores at least one, in the order in which they are wanted. They are closed with the chain.
 * @throws TypeError for what is no store, and for options that can't be meant.
 */
export function fallbackStore(
  stores: readonly [WritableFlagStore, ...FlagStore[]],
  options?: FallbackStoreOptions,
): WritableFlagStore;
export function fallbackStore(stores: readonly FlagStore[], options?: FallbackStoreOptions): FlagStore;
export function fallbackStore(stores: readonly FlagStore[], options: FallbackStoreOptions = {}): FlagStore {
  const [first, ...others] = expectStores(stores);
  checkOptions('fallbackStore', options, checks);
  const { timeoutMs = 2_000, returnAfterMs = 10_000 } = options;
  const sourceOf = (store: FlagStore): FallbackSource => new FallbackSource(store, timeoutMs);
  const chain = new FallbackChain([sourceOf(first), ...others.map(sourceOf)], returnAfterMs);
  return storeOf(chain, new FallbackWatch(chain, returnAfterMs / PROBES), stores);
}

const isStore = hasMethods('load', 'close');

/** @throws TypeError that says which is none. What it holds may be somebody's password. */
function expectStores(stores: readonly FlagStore[]): readonly [FlagStore, ...FlagStore[]] {
  const [first, ...others] = Array.isArray(stores) ? (stores as readonly FlagStore[]) : [];
  if (first === undefined) {
    throw new TypeError(`fallbackStore: expected a list of at least one store, found ${show(stores)}.`);
  }
  const wrong = stores.findIndex((store) => !isStore(store));
  if (wrong === -1) return [first, ...others];
  const found = show(stores[wrong]);
  throw new TypeError(
    `fallbackStore: expected a store with load() and close() as number ${wrong + 1}, found ${found}.`,
  );
}

const milliseconds = { allowed: 'a number of milliseconds above 0, of at most 24 days', isRight: isDuration };

const checks: OptionChecks<FallbackStoreOptions> = { timeoutMs: milliseconds, returnAfterMs: milliseconds };

/** How often a source that is away is asked in the time after which it is trusted again. */
const PROBES = 4;

/** How large a document may be for a store that doesn't say, in bytes. */
const MAX_BYTES = 10_000_000;

function storeOf(chain: FallbackChain, watch: FallbackWatch, stores: readonly FlagStore[]): FlagStore {
  const { store: first } = chain.first;
  const update = first.update?.bind(first);
  const updateState = first.updateState?.bind(first);
  const pushDocument = first.pushDocument?.bind(first);
  const written = async (writing: Promise<StoredFlags>): Promise<StoredFlags> => {
    const stored = await writing;
    const isNew = chain.active !== chain.first;
    const followed = chain.follow(stored);
    if (isNew) watch.tell();
    return followed;
  };
  return {
    name: `fallback(${stores.map(({ name }) => name).join(', ')})`,
    get refuses() {
      return chain.active.store.refuses;
    },
    maxBytes: Math.max(...stores.map(({ maxBytes = MAX_BYTES }) => maxBytes)),
    load: () => chain.load(),
    watch: (onChange) => watch.watch(onChange),
    remember: (state) => chain.first.remember(state),
    close: async () => {
      watch.close();
      await Promise.allSettled(stores.map((store) => store.close()));
    },
    // What the first can't do, the chain can't.
    ...(update && {
      update: (change: ChangeDocument, options: UpdateOptions) => written(update(change, options)),
    }),
    ...(updateState && {
      updateState: (change: ChangeState, options: ChangeOptions) => written(updateState(change, options)),
    }),
    ...(pushDocument && {
      pushDocument: (text: string, options: ChangeOptions) => written(pushDocument(text, options)),
    }),
    ...(first.history && { history: first.history.bind(first) }),
    ...(first.fleet && { fleet: first.fleet }),
    ...(first.leases && { leases: first.leases }),
  };
}

type ChangeDocument = (document: FlagDocument) => FlagDocument;
type ChangeState = (state: FlagState) => FlagState;
