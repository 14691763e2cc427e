import type { FlagDocument } from '../flags/flag-document.js';
import type { FlagState } from '../flags/flag-state.js';
import {
  checkOptions,
  isDuration,
  isListOfTexts,
  isPositive,
  isText,
  type OptionChecks,
  show,
} from '../options/check-options.js';
import { readAuditTrail } from './audit-trail.js';
import { expectChangeOptions, type HistoryOptions, historyLimit } from './change-options.js';
import { FileAccessError } from './file-access-error.js';
import { FileChanges } from './file-changes.js';
import { commitContent } from './file-commit.js';
import { type FileContent, readContent, readContentForChange, storedFlags, versionOf } from './file-content.js';
import { FileLeases } from './file-leases.js';
import { type FileLocations, locateFiles } from './file-locations.js';
import { type FileLock, withFileLock } from './file-lock.js';
import { type FileSnapshot, fingerprint, readSnapshot, readSnapshotUnderLock } from './file-snapshot.js';
import {
  type Change,
  type ChangeOptions,
  type Difference,
  DocumentUnreadableError,
  type SourceText,
  type WritableFlagStore,
  type StoredFlags,
  type UpdateOptions,
  VersionConflictError,
} from './flag-store.js';
import { planStateChange, planUpdate } from './planned-change.js';
import type { StoredState } from './state-file.js';

export interface FileStoreOptions {
  /**
   * Where the state is kept, for documents in a folder that can't be written, such as a Kubernetes mount.
   * Default: beside the last document, `flags.state.json` for `flags.yaml`.
   */
  readonly state?: string | undefined;
  /** Where the audit trail is kept; `false`: nowhere. Default: beside the state, `flags.audit.jsonl`. */
  readonly audit?: string | false | undefined;
  /** How often the files are looked at where the system reports no changes, in milliseconds. Default 1,000. */
  readonly pollMs?: number | undefined;
  /** How large each file may be, in bytes. Default 10 MB. */
  readonly maxBytes?: number | undefined;
}

/**
 * Flags from one YAML or JSON file, or from several that are merged, later wins: `fileStore(['flags.yaml',
 * 'flags.production.yaml'])`. It notices every way of changing them, and changes them without touching what stays the
 * same: comments, order and quoting. What operations do lies in a file of its own, so that a deploy of the documents
 * changes nothing about it.
 *
 * Nothing is read before `load`.
 *
 * @throws TypeError for options that can't be meant.
 */
export function fileStore(paths: string | readonly string[], options: FileStoreOptions = {}): WritableFlagStore {
  const names = typeof paths === 'string' ? [paths] : paths;
  if (!isListOfTexts(names)) {
    throw new TypeError(`fileStore: expected the path of a flag file, or a list of paths, found ${show(paths)}.`);
  }
  checkOptions('fileStore', options, checks);
  const { pollMs = 1_000, maxBytes = 10_000_000 } = options;
  return new FileStore(`file:${names.join(',')}`, locateFiles(names, options), { pollMs, maxBytes });
}

const checks: OptionChecks<FileStoreOptions> = {
  state: { allowed: 'a path', isRight: isText },
  audit: { allowed: 'a path, or false for none', isRight: (value) => value === false || isText(value) },
  pollMs: { allowed: 'a number of milliseconds above 0, of at most 24 days', isRight: isDuration },
  maxBytes: { allowed: 'a number of bytes above 0', isRight: isPositive },
};

/** How long after the last event the files are read, in milliseconds. */
const settleMs = 20;
/** How often a change is repeated because somebody edited the files meanwhile. */
const maxAttempts = 20;

interface FileStoreSettings {
  readonly pollMs: number;
  readonly maxBytes: number;
}

/** What a change makes of the files' content. */
interface Planned {
  readonly documents: FileContent['documents'];
  readonly state: FlagState;
  readonly difference: readonly Difference[];
}

class FileStore implements WritableFlagStore {
  readonly name: string;
  readonly refuses = 'whole';
  readonly maxBytes: number;
  readonly leases: FileLeases;
  readonly #files: FileLocations;
  readonly #changes: FileChanges;
  /** What to go on from if the state file is broken by hand while a kill must be written. */
  #lastState: StoredState | undefined;
  /** One change at a time; those of this process wait here, those of others at the lock. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(name: string, files: FileLocations, { pollMs, maxBytes }: FileStoreSettings) {
    const paths = [...files.documents.map(({ path }) => path), files.state];
    const readFingerprint = async (): Promise<string> => fingerprint(await readSnapshot(files, maxBytes));
    this.name = name;
    this.#files = files;
    this.maxBytes = maxBytes;
    this.leases = new FileLeases(files.leases, files.lock);
    this.#changes = new FileChanges(paths, { pollMs, settleMs }, readFingerprint);
  }

  async load(): Promise<StoredFlags> {
    const snapshot = await readSnapshot(this.#files, this.maxBytes);
    this.#changes.loaded(fingerprint(snapshot));
    const content = readContent(this.#files, snapshot);
    this.#lastState = content.state;
    const { documents, state } = content;
    if (documents instanceof FileAccessError) {
      throw new DocumentUnreadableError(documents.message, state.state, { cause: documents });
    }
    return storedFlags(content);
  }

  watch(onChange: () => void): () => void {
    return this.#changes.watch(onChange);
  }

  update(change: (document: FlagDocument) => FlagDocument, options: UpdateOptions): Promise<StoredFlags> {
    return this.#change(options, ({ documents, state: { state } }) => {
      if (documents instanceof FileAccessError) throw documents;
      const planned = planUpdate(documents, state, change, options.state);
      this.#expectReadable(planned.documents);
      return planned;
    });
  }

  updateState(change: (state: FlagState) => FlagState, options: ChangeOptions): Promise<StoredFlags> {
    return this.#change(options, ({ documents, state: { state } }) => ({
      documents,
      ...planStateChange(state, change(state)),
    }));
  }

  async history(options: HistoryOptions = {}): Promise<readonly Change[]> {
    const limit = historyLimit(this.name, options);
    return this.#files.audit === undefined ? [] : readAuditTrail(this.#files.audit, limit);
  }

  async close(): Promise<void> {
    this.#changes.close();
    await this.#queue;
  }

  async #change(options: ChangeOptions, plan: (content: FileContent) => Planned): Promise<StoredFlags> {
    expectChangeOptions(this.name, options);
    const change = this.#queue.then(() =>
      withFileLock(this.#files.lock, (lock) => this.#changeUnderLock(lock, options, plan)),
    );
    this.#queue = change.then(
      () => this.#changes.check(),
      () => undefined,
    );
    return await change;
  }

  async #changeUnderLock(
    lock: FileLock,
    options: ChangeOptions,
    plan: (content: FileContent) => Planned,
  ): Promise<StoredFlags> {
    // Whoever takes it needs the lock, and so comes before this change or after it.
    if (options.lease !== undefined) await this.leases.expectCurrent(options.lease);
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      const snapshot = await readSnapshotUnderLock(this.#files, this.maxBytes);
      this.#changes.saw(fingerprint(snapshot));
      const before = readContentForChange(this.#files, snapshot, this.#lastState);
      expectVersion(options.expectedVersion, storedFlags(before));
      const { documents, state, difference: changed } = plan(before);
      const { by, reason, evidence = [] } = options;
      const difference = [...changed, ...evidence];
      if (difference.length === 0) return storedFlags(before);
      const after = { documents, state: { revision: before.state.revision + 1, state } };
      const change = { at: Date.now(), by, reason, version: versionOf(after), difference };
      if (await commitContent(this.#files, before, after, change, () => this.#isUntouched(lock, snapshot))) {
        this.#lastState = after.state;
        return storedFlags(after);
      }
    }
    throw new Error(`${this.name}: somebody else kept changing the files; gave up after ${maxAttempts} attempts.`);
  }

  /** What is too large to be read again must not be written. */
  #expectReadable(documents: readonly SourceText[]): void {
    for (const { name, text } of documents) {
      const bytes = Buffer.byteLength(text);
      if (bytes <= this.maxBytes) continue;
      const message = `would be too large: ${bytes} bytes, allowed are ${this.maxBytes}. Raise \`maxBytes\` if it is meant to be so large.`;
      throw new FileAccessError(name, 'TOO_LARGE', message);
    }
  }

  async #isUntouched(lock: FileLock, snapshot: FileSnapshot): Promise<boolean> {
    const now = await readSnapshotUnderLock(this.#files, this.maxBytes);
    await lock.assertHeld();
    return fingerprint(now) === fingerprint(snapshot);
  }
}

function expectVersion(expected: string | undefined, stored: StoredFlags): void {
  if (expected !== undefined && expected !== stored.version) throw new VersionConflictError(expected, stored);
}
