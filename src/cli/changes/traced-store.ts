import type { FlagDocument } from '../../flags/flag-document.js';
import { emptyFlagState, type FlagState } from '../../flags/flag-state.js';
import { serializeFlagState } from '../../flags/flag-state-text.js';
import { readValidTexts } from '../../moving/read-valid-texts.js';
import type { FleetRegister } from '../../stores/fleet-register.js';
import { differenceBetween } from '../../stores/difference.js';
import {
  type ChangeOptions,
  type Difference,
  DocumentUnreadableError,
  type FlagStore,
  type StoredFlags,
  type UpdateOptions,
  VersionConflictError,
} from '../../stores/flag-store.js';
import { isTexts } from '../../stores/stored-document.js';
import { parseValidDocument } from '../../stores/valid-document.js';
import { CommandError } from '../command-error.js';
import { EXIT } from '../exit-code.js';

export interface TracedStoreOptions {
  /** The changes are worked out, and not written. */
  readonly isDryRun: boolean;
  readonly expectedVersion: string | undefined;
}

/** Document and state at one moment. */
interface Moment {
  document: unknown;
  state: FlagState;
}

type Writable = FlagStore & Required<Pick<FlagStore, 'update' | 'updateState'>>;

/**
 * A store for one command: it knows what the command has changed, and why it could not. What others change at the same
 * time doesn't count.
 */
export class TracedStore implements FlagStore {
  readonly name: string;
  readonly refuses: FlagStore['refuses'];
  readonly maxBytes: number | undefined;
  readonly fleet?: FleetRegister;
  readonly #store: Writable;
  readonly #options: TracedStoreOptions;
  #difference: readonly Difference[] = [];
  #stored: StoredFlags | undefined;
  #failure: Error | undefined;

  /** @throws CommandError for a store that can only be read */
  constructor(store: FlagStore, options: TracedStoreOptions) {
    this.name = store.name;
    this.refuses = store.refuses;
    this.maxBytes = store.maxBytes;
    if (store.fleet !== undefined) this.fleet = store.fleet;
    this.#store = expectWritable(store);
    this.#options = options;
  }

  /** What the command has made different, or would have. */
  get difference(): readonly Difference[] {
    return this.#difference;
  }

  /** What was stored last; `undefined`: nothing was written. */
  get stored(): StoredFlags | undefined {
    return this.#stored;
  }

  /** Why the last write failed; whoever called may have wrapped it. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  load(): Promise<StoredFlags> {
    return this.#store.load();
  }

  async update(change: (document: FlagDocument) => FlagDocument, options: UpdateOptions): Promise<StoredFlags> {
    const before: Moment = { document: undefined, state: emptyFlagState };
    const after: Moment = { document: undefined, state: emptyFlagState };
    const changeDocument = (document: FlagDocument): FlagDocument => {
      const changed = change(document);
      [before.document, after.document] = [document, changed];
      return changed;
    };
    const state = (former: FlagState): FlagState => {
      [before.state, after.state] = [former, options.state?.(former) ?? former];
      return after.state;
    };
    return await this.#write(before, after, () =>
      this.#options.isDryRun
        ? this.#plan(state, changeDocument)
        : this.#store.update(changeDocument, { ...this.#with(options), state }),
    );
  }

  async updateState(change: (state: FlagState) => FlagState, options: ChangeOptions): Promise<StoredFlags> {
    const before: Moment = { document: undefined, state: emptyFlagState };
    const after: Moment = { document: undefined, state: emptyFlagState };
    const state = (former: FlagState): FlagState => {
      [before.state, after.state] = [former, change(former)];
      return after.state;
    };
    return await this.#write(before, after, () =>
      this.#options.isDryRun ? this.#plan(state) : this.#store.updateState(state, this.#with(options)),
    );
  }

  /** It stays open: who opened the store closes it. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  #with<Options extends ChangeOptions>(options: Options): Options {
    const { expectedVersion } = this.#options;
    return expectedVersion === undefined ? options : { ...options, expectedVersion };
  }

  async #write(before: Moment, after: Moment, write: () => Promise<StoredFlags>): Promise<StoredFlags> {
    try {
      const stored = await write();
      this.#difference = differenceBetween(comparable(before), comparable(after));
      this.#stored = stored;
      return stored;
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error), { cause: error });
      throw error;
    }
  }

  /** What a change would make. @throws whatever the write would throw, as far as that can be told before */
  async #plan(
    changeState: (state: FlagState) => FlagState,
    changeDocument?: (document: FlagDocument) => FlagDocument,
  ): Promise<StoredFlags> {
    const stored = await this.#loadFor(changeDocument === undefined ? 'state' : 'document');
    const { expectedVersion } = this.#options;
    if (expectedVersion !== undefined && expectedVersion !== stored.version) {
      throw new VersionConflictError(expectedVersion, stored);
    }
    const state = changeState(stored.state);
    if (changeDocument === undefined) return { ...stored, state };
    const { document } = stored;
    const valid = isTexts(document) ? readValidTexts(document, this.maxBytes ?? Infinity).document : document;
    const changed = changeDocument(valid);
    parseValidDocument(changed);
    return { ...stored, document: changed, state };
  }

  async #loadFor(part: 'state' | 'document'): Promise<StoredFlags> {
    try {
      return await this.#store.load();
    } catch (error) {
      // What is changed first is an empty document, and the state can be changed whatever the document is.
      if (error instanceof Error && error.name === 'DocumentMissingError') {
        return { document: { version: 1, flags: {} }, state: emptyFlagState, version: 'nothing' };
      }
      if (part === 'document' || !(error instanceof DocumentUnreadableError)) throw error;
      return { document: [], state: error.state, version: 'unknown' };
    }
  }
}

const comparable = ({ document, state }: Moment): { document: unknown; state: object } => ({
  document,
  state: serializeFlagState(state),
});

/** @throws CommandError */
function expectWritable(store: FlagStore): Writable {
  if (store.update !== undefined && store.updateState !== undefined) return store as Writable;
  throw readOnly(store);
}

/** What is said of a store that takes no changes. */
export const readOnly = ({ name }: FlagStore): CommandError =>
  new CommandError(
    EXIT.store,
    `${name} can only be read. Write where its flags come from: --store with the file, redis:// or postgres:// address that the other side reads.`,
  );
