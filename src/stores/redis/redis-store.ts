import { randomUUID } from 'node:crypto';
import type { FlagDocument } from '../../flags/flag-document.js';
import { emptyFlagState, type FlagState, isSameState } from '../../flags/flag-state.js';
import { checkOptions, isDuration, isPositive, isWholeNumber, type OptionChecks } from '../../options/check-options.js';
import { ChangeFeed } from '../change-feed.js';
import { expectChangeOptions, type HistoryOptions, historyLimit } from '../change-options.js';
import {
  type Change,
  type ChangeOptions,
  type Difference,
  DocumentMissingError,
  DocumentUnreadableError,
  type SourceText,
  type StoredFlags,
  type UpdateOptions,
  VersionConflictError,
  type WritableFlagStore,
} from '../flag-store.js';
import type { FleetRegister } from '../fleet-register.js';
import { LeaseLostError } from '../lease-register.js';
import { planReplacement, planStateChange, planUpdate } from '../planned-change.js';
import { commandsOf, type RedisClient } from './redis-client.js';
import { RedisStoreError } from './redis-error.js';
import { RedisFleet } from './redis-fleet.js';
import { isKeyPart, type RedisKeys, redisKeys } from './redis-keys.js';
import { readKills } from './redis-kills.js';
import { RedisLeases } from './redis-leases.js';
import { RedisLink } from './redis-link.js';
import { type RedisRecord, RedisRecords } from './redis-records.js';
import { RedisTurn } from './redis-turn.js';
import { counterOf, nextVersion } from './redis-version.js';

export type { RedisClient } from './redis-client.js';
export { RedisStoreError } from './redis-error.js';

export interface RedisStoreOptions {
  /** What the keys begin with; letters, digits and `._-/`. Default: `halyard`. */
  readonly prefix?: string | undefined;
  /** Which of several documents under this prefix; letters, digits and `._-/`. Default: `default`. */
  readonly environment?: string | undefined;
  /** How often Redis is asked whether something has changed, under what it tells by itself, in milliseconds. Default: 1,000. */
  readonly pollMs?: number | undefined;
  /** How long an answer of Redis may take, in milliseconds. Default: 4,000. */
  readonly timeoutMs?: number | undefined;
  /** How many changes the history keeps. Default: 1,000. */
  readonly historyLength?: number | undefined;
  /** How large the document's text may be, in bytes. Default: 10 MB. */
  readonly maxBytes?: number | undefined;
}

/** A store in Redis, for a fleet. */
export interface RedisStore extends WritableFlagStore {
  /**
   * Replaces the document by a text, YAML or JSON, with its comments. The state stays. This is how the first document
   * gets into Redis, and how a deploy brings the next.
   *
   * @throws FlagDocumentError if the document has errors: then the former one stays; VersionConflictError.
   */
  pushDocument(text: string, options: ChangeOptions): Promise<StoredFlags>;
}

/**
 * Flags in Redis, which many processes follow and change. A change of the document or of the state is one atomic step,
 * together with its version and its entry in the history; it is told by pub/sub, and found by asking where that was lost.
 * Kills are a hash of their own, for `redis-cli HSET` in an emergency.
 *
 * @param client a connected client of node-redis 4 or newer or of ioredis 5 or newer. It stays the caller's: the store
 * runs scripts on it, listens on a duplicate of its own, opens another while it gives no answers, and closes those only.
 * @throws TypeError for another client, and for options that can't be meant.
 */
export function redisStore(client: RedisClient, options: RedisStoreOptions = {}): RedisStore {
  checkOptions('redisStore', options, checks);
  const { prefix = 'halyard', environment = 'default', pollMs = 1_000, timeoutMs = 4_000 } = options;
  const { historyLength = 1_000, maxBytes = 10_000_000 } = options;
  const commands = commandsOf(client);
  const keys = redisKeys(prefix, environment);
  const name = `redis:${prefix}:${environment}`;
  const link = new RedisLink(commands, { name, timeoutMs });
  const records = new RedisRecords(link, keys, historyLength);
  const feed = new ChangeFeed({
    pollMs,
    ask: () => records.ask(),
    listen: (listener) => commands.subscribe(keys.channel, listener),
  });
  const fleet = new RedisFleet(link, keys);
  const leases = new RedisLeases(link, keys);
  return new StoreInRedis({ name, keys, link, records, feed, fleet, leases, maxBytes });
}

const keyPart = { allowed: 'a text of letters, digits and ._-/', isRight: isKeyPart };

const milliseconds = { allowed: 'a number of milliseconds above 0, of at most 24 days', isRight: isDuration };

const checks: OptionChecks<RedisStoreOptions> = {
  prefix: keyPart,
  environment: keyPart,
  pollMs: milliseconds,
  timeoutMs: milliseconds,
  historyLength: { allowed: 'a whole number of changes, at least 1', isRight: isWholeNumber(1) },
  maxBytes: { allowed: 'a number of bytes above 0', isRight: isPositive },
};

/** How often a change is repeated because others were faster. */
const maxAttempts = 100;

/** Where a change by hand in Redis comes from, as far as anybody can tell. */
const byHand = { by: 'unknown', reason: 'changed by hand in Redis' };

/** What a document starts from. */
const emptyDocument = 'version: 1\nflags: {}\n';

interface StoreParts {
  readonly name: string;
  readonly keys: RedisKeys;
  readonly link: RedisLink;
  readonly records: RedisRecords;
  readonly feed: ChangeFeed;
  readonly fleet: FleetRegister;
  readonly leases: RedisLeases;
  readonly maxBytes: number;
}

/** What a change makes of the record. */
interface Planned {
  /** `undefined`: the text stays. */
  readonly document: string | undefined;
  readonly state: FlagState;
  readonly difference: readonly Difference[];
}

type Plan = (record: RedisRecord) => Planned;

class StoreInRedis implements RedisStore {
  readonly name: string;
  readonly refuses = 'flags';
  readonly maxBytes: number;
  readonly fleet: FleetRegister;
  readonly leases: RedisLeases;
  readonly #keys: RedisKeys;
  readonly #link: RedisLink;
  readonly #records: RedisRecords;
  readonly #feed: ChangeFeed;
  /** What goes on holding, and what a kill goes on from, when Redis has lost everything. */
  #lastState: FlagState = emptyFlagState;
  /** One change at a time: those of this process need not be each other's conflicts. */
  #queue: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor({ name, keys, link, records, feed, fleet, leases, maxBytes }: StoreParts) {
    this.name = name;
    this.maxBytes = maxBytes;
    this.fleet = fleet;
    this.leases = leases;
    this.#keys = keys;
    this.#link = link;
    this.#records = records;
    this.#feed = feed;
  }

  async load(): Promise<StoredFlags> {
    const record = await this.#read();
    this.#feed.loaded(record.tag);
    const stored = this.#stored(record);
    if (record.version !== undefined) this.#lastState = stored.state;
    if (record.document !== undefined) return stored;
    const message =
      `${this.name}: there is no document in Redis (the hash ${this.#keys.flags}). ` +
      'Put the first one there with `store.pushDocument(text, { by, reason })`.';
    if (isSameState(stored.state, emptyFlagState)) throw new DocumentMissingError(message);
    throw new DocumentUnreadableError(message, stored.state, {});
  }

  watch(onChange: () => void): () => void {
    return this.#feed.watch(onChange);
  }

  update(change: (document: FlagDocument) => FlagDocument, options: UpdateOptions): Promise<StoredFlags> {
    return this.#change(options, (record) => {
      const before = record.document?.text ?? emptyDocument;
      const planned = planUpdate([this.#source(before)], this.#stateOf(record), change, options.state);
      const text = planned.documents[0]?.text ?? before;
      this.#expectSize(text);
      return { ...planned, document: text === record.document?.text ? undefined : text };
    });
  }

  updateState(change: (state: FlagState) => FlagState, options: ChangeOptions): Promise<StoredFlags> {
    return this.#change(
      options,
      (record) => {
        const state = this.#stateOf(record);
        return { ...planStateChange(state, change(state)), document: undefined };
      },
      'at once',
    );
  }

  pushDocument(text: string, options: ChangeOptions): Promise<StoredFlags> {
    return this.#change(options, (record) => {
      const { document } = record;
      const difference = planReplacement(document && this.#source(document.text), this.#source(text), this.maxBytes);
      return { document: text === document?.text ? undefined : text, state: this.#stateOf(record), difference };
    });
  }

  async history(options: HistoryOptions = {}): Promise<readonly Change[]> {
    return await this.#records.history(historyLimit(this.name, options));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#feed.close();
    await this.#queue;
    this.#link.close();
  }

  async #change(options: ChangeOptions, plan: Plan, begins?: 'at once'): Promise<StoredFlags> {
    expectChangeOptions(this.name, options);
    const change = this.#queue.then(() => this.#changeNow(options, plan, begins));
    this.#queue = change.catch(() => undefined);
    return await change;
  }

  /** @param begins a kill doesn't hold back for others, unless one of them was faster */
  async #changeNow(options: ChangeOptions, plan: Plan, begins?: 'at once'): Promise<StoredFlags> {
    const turn = new RedisTurn(this.#records);
    try {
      if (begins !== 'at once') await turn.come(() => this.#isClosed);
      return await this.#changeIn(turn, options, plan);
    } finally {
      await turn.end();
    }
  }

  async #changeIn(turn: RedisTurn, options: ChangeOptions, plan: Plan): Promise<StoredFlags> {
    // The write decides. This is for a change that turns out to have nothing to write.
    if (options.lease !== undefined) await this.leases.expectCurrent(options.lease);
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      if (this.#isClosed) throw new RedisStoreError(`${this.name} is closed.`);
      const record = await this.#read();
      expectVersion(options.expectedVersion, this.#stored(record));
      const planned = withEvidence(plan(record), options);
      if (planned.document === undefined && planned.difference.length === 0) return this.#stored(record);
      const version = await this.#write(record, planned, options);
      if (version !== undefined) return this.#storedAfter(record, planned, version);
      turn.lose(record.version);
      await turn.come(() => this.#isClosed);
    }
    throw new RedisStoreError(`${this.name}: others kept changing the flags; gave up after ${maxAttempts} attempts.`);
  }

  /** The new version; `undefined` if somebody else was faster. */
  async #write(
    record: RedisRecord,
    { document, state, difference }: Planned,
    { by, reason, lease }: ChangeOptions,
  ): Promise<string | undefined> {
    const at = Date.now();
    const version = nextVersion(record.version, at);
    const ended = [...this.#stateOf(record).kills.keys()].filter((key) => !state.kills.has(key));
    const change = { at, by, reason, version, difference };
    const outcome = await this.#records.write(record, { change, id: randomUUID(), state, ended, document, lease });
    if (outcome === 'lost' && lease !== undefined) throw new LeaseLostError(lease);
    return outcome === 'written' ? version : undefined;
  }

  /** What Redis holds. A change by hand gets its version and its entry in the history first. */
  async #read(): Promise<RedisRecord> {
    for (;;) {
      const record = await this.#records.read();
      if (!(await this.#recordHandwork(record))) return record;
    }
  }

  /** Whether there was something to record, by this process or by another that was faster. */
  async #recordHandwork(record: RedisRecord): Promise<boolean> {
    if (record.isRecorded || record.version === undefined) return false;
    const planned = planStateChange(record.recordedState, {
      ...record.recordedState,
      kills: readKills(record.kills, Date.now()),
    });
    if (planned.difference.length === 0) return false;
    try {
      await this.#write(record, { ...planned, document: undefined }, byHand);
      return true;
    } catch {
      // Who may only read follows the change all the same.
      return false;
    }
  }

  /** Redis that lost everything has not restored what was killed; and what is killed by hand then is killed. */
  #stateOf(record: RedisRecord): FlagState {
    if (record.version !== undefined) {
      return { ...record.recordedState, kills: readKills(record.kills, counterOf(record.version) ?? 0) };
    }
    return { ...this.#lastState, kills: new Map([...this.#lastState.kills, ...readKills(record.kills, 0)]) };
  }

  #stored(record: RedisRecord): StoredFlags {
    const { document, version = nothingStored } = record;
    const sources = document === undefined ? [] : [this.#source(document.text)];
    return { document: sources, state: this.#stateOf(record), version };
  }

  #storedAfter(record: RedisRecord, { document, state }: Planned, version: string): StoredFlags {
    const text = document ?? record.document?.text;
    this.#lastState = state;
    return { document: text === undefined ? [] : [this.#source(text)], state, version };
  }

  #source(text: string): SourceText {
    return { name: this.name, text };
  }

  #expectSize(text: string): void {
    const bytes = Buffer.byteLength(text);
    if (bytes <= this.maxBytes) return;
    throw new RedisStoreError(
      `${this.name}: the document would have ${bytes} bytes, allowed are ${this.maxBytes} (maxBytes).`,
    );
  }
}

const withEvidence = (planned: Planned, { evidence = [] }: ChangeOptions): Planned => ({
  ...planned,
  difference: [...planned.difference, ...evidence],
});

/** The version of a store that holds nothing. */
const nothingStored = 'redis:0';

function expectVersion(expected: string | undefined, stored: StoredFlags): void {
  if (expected !== undefined && expected !== stored.version) throw new VersionConflictError(expected, stored);
}
