import type { FlagDocument } from '../../flags/flag-document.js';
import { emptyFlagState, type FlagState, isSameState } from '../../flags/flag-state.js';
import { checkOptions } from '../../options/check-options.js';
import type { ChangeFeed } from '../change-feed.js';
import { expectChangeOptions, type HistoryOptions, historyLimit } from '../change-options.js';
import {
  type Change,
  type ChangeOptions,
  DocumentMissingError,
  DocumentUnreadableError,
  type StoredFlags,
  type UpdateOptions,
  VersionConflictError,
} from '../flag-store.js';
import type { FleetRegister } from '../fleet-register.js';
import type { LeaseRegister } from '../lease-register.js';
import { planStateChange, readValidText } from '../planned-change.js';
import { type AuditOptions, type AuditReport, auditChecks } from './audit-chain.js';
import {
  type Before,
  ChangePlanner,
  expectWritable,
  expectWritableReason,
  type Planned,
  sizeProblem,
} from './change-plan.js';
import type { Database } from './database.js';
import { PostgresStoreError } from './postgres-error.js';
import type { PostgresRecords } from './postgres-records.js';
import type { PostgresStore } from './postgres-store.js';
import type { Push } from './push.js';
import type { Place } from './schema.js';
import { type Snapshot, versionOf } from './snapshot.js';
import { nothingStored, type StoredDocument } from './stored-document.js';
import { within } from './time-limit.js';

export interface StoreParts {
  readonly name: string;
  readonly place: Place;
  readonly database: Database;
  readonly records: PostgresRecords;
  readonly feed: ChangeFeed;
  readonly push: Push;
  readonly fleet: FleetRegister;
  readonly leases: LeaseRegister;
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

/** The version of a store that holds nothing. */
const nothingVersion = 'postgres:0';

export class StoreInPostgres implements PostgresStore {
  readonly name: string;
  readonly refuses = 'flags';
  readonly maxBytes: number;
  readonly fleet: FleetRegister;
  readonly leases: LeaseRegister;
  readonly #parts: StoreParts;
  readonly #planner = new ChangePlanner();
  /** What goes on holding, and what a kill goes on from, when the database has lost everything. */
  #lastState: FlagState = emptyFlagState;
  /** One change at a time, on one connection: those of this process would only wait for each other's locks. */
  #queue: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(parts: StoreParts) {
    this.name = parts.name;
    this.maxBytes = parts.maxBytes;
    this.fleet = parts.fleet;
    this.leases = parts.leases;
    this.#parts = parts;
  }

  get isListening(): boolean {
    return this.#parts.push.isListening;
  }

  async load(): Promise<StoredFlags> {
    const snapshot = await this.#parts.records.read();
    this.#parts.feed.loaded(snapshot === undefined ? '' : versionOf(snapshot));
    if (snapshot !== undefined) this.#lastState = snapshot.state;
    const { stored, state } = this.#before(snapshot);
    const error = sizeProblem(this.name, stored, this.maxBytes) ?? this.#absence(stored);
    if (error === undefined) return this.#stored(snapshot);
    if (isSameState(state, emptyFlagState)) throw error;
    throw new DocumentUnreadableError(error.message, state, { cause: error });
  }

  watch(onChange: () => void): () => void {
    return this.#parts.feed.watch(onChange);
  }

  update(change: (document: FlagDocument) => FlagDocument, options: UpdateOptions): Promise<StoredFlags> {
    return this.#change(options, (before) => {
      const planned = this.#planner.planUpdate(before, change, options.state);
      const error = sizeProblem(this.name, planned.stored, this.maxBytes);
      if (error !== undefined) throw error;
      return planned;
    });
  }

  updateState(change: (state: FlagState) => FlagState, options: ChangeOptions): Promise<StoredFlags> {
    return this.#change(options, ({ stored, state }) => ({ stored, ...planStateChange(state, change(state)) }));
  }

  async pushDocument(text: string, options: ChangeOptions): Promise<StoredFlags> {
    // Before anybody has to wait for it: reading a large text takes its time.
    const document = readValidText({ name: this.name, text }, this.maxBytes);
    return await this.update(() => document, options);
  }

  async history(options: HistoryOptions = {}): Promise<readonly Change[]> {
    return await this.#parts.records.history(historyLimit(this.name, options));
  }

  async verifyAudit(options: AuditOptions = {}): Promise<AuditReport> {
    checkOptions(`${this.name}: verifyAudit`, options, auditChecks);
    return await this.#parts.records.verify(options.head);
  }

  async close(): Promise<void> {
    const { feed, database, timeoutMs } = this.#parts;
    this.#isClosed = true;
    feed.close();
    const waited = within(timeoutMs, this.#queue, () => new PostgresStoreError(`${this.name} is closed.`));
    await waited.catch(() => undefined);
    await database.close();
  }

  async #change(options: ChangeOptions, plan: (before: Before) => Planned): Promise<StoredFlags> {
    expectChangeOptions(this.name, options);
    const change = this.#queue.then(() => this.#changeNow(options, plan));
    this.#queue = change.catch(() => undefined);
    return await change;
  }

  async #changeNow(options: ChangeOptions, plan: (before: Before) => Planned): Promise<StoredFlags> {
    if (this.#isClosed) throw new PostgresStoreError(`${this.name} is closed.`);
    expectWritableReason(this.name, options);
    const changed = await this.#parts.records.change((before) => {
      expectVersion(options.expectedVersion, this.#stored(before));
      const planned = plan(this.#before(before));
      expectWritable(this.name, planned);
      return planned;
    }, options);
    if (changed !== undefined) this.#lastState = changed.state;
    return this.#stored(changed);
  }

  /** A database that lost everything has not restored what was killed. */
  #before(snapshot: Snapshot | undefined): Before {
    return snapshot ?? { stored: nothingStored, state: this.#lastState };
  }

  #stored(snapshot: Snapshot | undefined): StoredFlags {
    const { stored, state } = this.#before(snapshot);
    const version = snapshot === undefined ? nothingVersion : versionOf(snapshot);
    return { document: stored.document ?? [], state, version };
  }

  #absence({ document }: StoredDocument): DocumentMissingError | undefined {
    if (document !== undefined) return undefined;
    const { schema, environment } = this.#parts.place;
    return new DocumentMissingError(
      `${this.name}: there is no document in PostgreSQL (schema "${schema}", environment "${environment}"). ` +
        'Put the first one there with `store.pushDocument(text, { by, reason })`.',
    );
  }
}

function expectVersion(expected: string | undefined, stored: StoredFlags): void {
  if (expected !== undefined && expected !== stored.version) throw new VersionConflictError(expected, stored);
}
