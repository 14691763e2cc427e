import { randomBytes } from 'node:crypto';
import type { FlagDocument, WrittenFlag } from '../flags/flag-document.js';
import { type FlagState, emptyFlagState } from '../flags/flag-state.js';
import { serializeFlagState } from '../flags/flag-state-text.js';
import type { ParsedFlagDocument } from '../flags/parse-flag-document.js';
import { expectChangeOptions, type HistoryOptions, historyLimit } from './change-options.js';
import { differenceBetween } from './difference.js';
import {
  type Change,
  type ChangeOptions,
  type WritableFlagStore,
  type StoredFlags,
  type UpdateOptions,
  VersionConflictError,
} from './flag-store.js';
import type { FleetRegister } from './fleet-register.js';
import { MemoryFleet } from './memory-fleet.js';
import { MemoryLeases } from './memory-leases.js';
import { parseValidDocument } from './valid-document.js';

export interface MemoryStoreOptions {
  /** What operations did before. Default: nothing. */
  readonly state?: FlagState | undefined;
}

/** What a memory store holds: an object, and what was understood of it. */
export interface HeldFlags extends StoredFlags {
  readonly document: FlagDocument;
  readonly parsed: ParsedFlagDocument;
}

/** A store whose document the application replaces itself. */
export interface MemoryStore extends WritableFlagStore {
  /** What `load` resolves with at this moment. */
  readonly stored: HeldFlags;
  /**
   * Replaces the document and tells those who watch. The state stays.
   *
   * @throws FlagDocumentError if the document has errors; then the former one stays.
   */
  set(document: FlagDocument): void;
}

/**
 * Flags in this process's memory: for tests, and for documents that the application builds. What it is given it copies,
 * so that changing the object later changes no flag; what it gives is frozen.
 *
 * @param document default: no flags.
 * @throws FlagDocumentError if the document has errors.
 */
export function memoryStore(
  document: FlagDocument = { version: 1, flags: {} },
  options: MemoryStoreOptions = {},
): MemoryStore {
  return new InMemoryStore(
    `memory-${randomBytes(4).toString('hex')}`,
    adopt(document),
    options.state ?? emptyFlagState,
  );
}

/** How many changes are remembered, so that a process which runs for months doesn't grow. */
const historyLength = 1_000;

class InMemoryStore implements MemoryStore {
  readonly name = 'memory';
  readonly refuses = 'whole';
  readonly fleet: FleetRegister = new MemoryFleet();
  readonly leases = new MemoryLeases();
  readonly #lineage: string;
  readonly #listeners = new Map<symbol, () => void>();
  /** Newest last. */
  readonly #history: Change[] = [];
  #counter = 0;
  #adopted: Adopted;
  #state: FlagState;

  constructor(lineage: string, adopted: Adopted, state: FlagState) {
    this.#lineage = lineage;
    this.#adopted = adopted;
    this.#state = copyState(state);
  }

  load(): Promise<StoredFlags> {
    return promise(() => this.stored);
  }

  get stored(): HeldFlags {
    return { ...this.#adopted, state: this.#state, version: `${this.#lineage}:${this.#counter}` };
  }

  set(document: FlagDocument): void {
    this.#replace(adopt(document, this.#adopted), this.#state);
  }

  watch(onChange: () => void): () => void {
    const key = Symbol('listener');
    this.#listeners.set(key, onChange);
    return () => {
      this.#listeners.delete(key);
    };
  }

  update(change: (document: FlagDocument) => FlagDocument, options: UpdateOptions): Promise<StoredFlags> {
    return promise(() => {
      this.#expect(options);
      const adopted = adopt(change(this.#adopted.document), this.#adopted);
      const state = options.state?.(this.#state) ?? this.#state;
      return this.#apply(adopted, copyState(state), options);
    });
  }

  updateState(change: (state: FlagState) => FlagState, options: ChangeOptions): Promise<StoredFlags> {
    return promise(() => {
      this.#expect(options);
      return this.#apply(this.#adopted, copyState(change(this.#state)), options);
    });
  }

  history(options: HistoryOptions = {}): Promise<readonly Change[]> {
    return promise(() => this.#history.toReversed().slice(0, historyLimit(this.name, options)));
  }

  close(): Promise<void> {
    return promise(() => this.#listeners.clear());
  }

  #apply(adopted: Adopted, state: FlagState, { by, reason, evidence = [] }: ChangeOptions): StoredFlags {
    const changed = differenceBetween(
      { document: this.#adopted.document, state: serializeFlagState(this.#state) },
      { document: adopted.document, state: serializeFlagState(state) },
    );
    const difference = [...changed, ...evidence];
    if (difference.length === 0) return this.stored;
    const version = `${this.#lineage}:${this.#counter + 1}`;
    this.#history.push({ at: Date.now(), by, reason, version, difference });
    if (this.#history.length > historyLength) this.#history.shift();
    return this.#replace(adopted, state);
  }

  #replace(adopted: Adopted, state: FlagState): StoredFlags {
    this.#adopted = adopted;
    this.#state = state;
    this.#counter += 1;
    const stored = this.stored;
    for (const onChange of [...this.#listeners.values()]) {
      try {
        onChange();
      } catch {
        // It does no harm to the store or to the others.
      }
    }
    return stored;
  }

  #expect(options: ChangeOptions): void {
    expectChangeOptions(this.name, options);
    const { lease, expectedVersion: expected } = options;
    if (lease !== undefined) this.leases.expectCurrent(lease);
    const stored = this.stored;
    if (expected !== undefined && expected !== stored.version) throw new VersionConflictError(expected, stored);
  }
}

/** A document that the store has made its own: nobody can change it any more. */
interface Adopted {
  readonly document: FlagDocument;
  readonly parsed: ParsedFlagDocument;
}

/**
 * Takes a frozen copy. A flag that is the same as in `former` is the same object, so that a reader can tell by identity
 * what changed.
 *
 * @throws FlagDocumentError if the document has errors.
 */
function adopt(document: FlagDocument, former?: Adopted): Adopted {
  if (document === former?.document) return former;
  const parsed = parseValidDocument(document, former);
  const flags: Record<string, WrittenFlag> = {};
  // Assigned one by one: making pairs of them would take as long as copying them. No valid document has the key `__proto__`.
  for (const key of Object.keys(document.flags)) {
    const old = former?.parsed.flags.get(key) === parsed.flags.get(key) ? former?.document.flags[key] : undefined;
    flags[key] = old ?? frozenCopy(document.flags[key] ?? {});
  }
  const rest = frozenCopy({ ...document, flags: {} });
  return { document: Object.freeze({ ...rest, flags: Object.freeze(flags) }), parsed };
}

function copyState(state: FlagState): FlagState {
  return { kills: new Map(state.kills), trips: new Map(state.trips), rollouts: new Map(state.rollouts) };
}

/** Plain data is copied here: `structuredClone` takes several times as long for so small a thing as a flag. */
function frozenCopy<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return Object.freeze(value.map(frozenCopy)) as T;
  if (Object.getPrototypeOf(value) !== Object.prototype) return freezeDeeply(structuredClone(value));
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    if (name === '__proto__') return freezeDeeply(structuredClone(value));
    copy[name] = frozenCopy((value as Record<string, unknown>)[name]);
  }
  return Object.freeze(copy) as T;
}

function freezeDeeply<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) freezeDeeply(part);
  return Object.freeze(value);
}

/** The contract is asynchronous, memory is not: what is done now becomes a promise, and what it throws a rejection. */
function promise<Value>(action: () => Value): Promise<Value> {
  return new Promise((resolve) => {
    resolve(action());
  });
}
