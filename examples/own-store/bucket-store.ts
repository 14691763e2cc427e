import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import {
  type Change,
  type ChangeOptions,
  DocumentMissingError,
  emptyFlagState,
  type FlagDocument,
  type FlagState,
  type SourceText,
  type StoredFlags,
  type UpdateOptions,
  VersionConflictError,
  type WritableFlagStore,
} from 'halyard';
import {
  ChangeFeed,
  parseFlagState,
  type PlannedUpdate,
  planReplacement,
  planStateChange,
  planUpdate,
  serializeFlagState,
  type WrittenFlagState,
} from 'halyard/stores';

/** What lies in the bucket: all of it in one object, so that one write changes it all, or nothing. */
interface Contents {
  readonly version: string;
  readonly text: string;
  readonly state: WrittenFlagState;
  readonly history: readonly Change[];
}

/** How often a change is tried again because somebody else was faster. */
const maxAttempts = 100;

/** How many changes are remembered. */
const historyLength = 1_000;

/** Flags in one object of a bucket that has conditional writes (`If-Match`), such as S3. */
export class BucketStore implements WritableFlagStore {
  readonly name = 'bucket';
  readonly refuses = 'flags';
  readonly maxBytes = 1_000_000;
  readonly #url: string;
  readonly #feed: ChangeFeed;

  constructor(url: string, { pollMs = 5_000 }: { readonly pollMs?: number } = {}) {
    this.#url = url;
    const ask = async (): Promise<string> => (await fetch(url, { method: 'HEAD' })).headers.get('etag') ?? '';
    this.#feed = new ChangeFeed({ pollMs, ask });
  }

  async load(): Promise<StoredFlags> {
    const { etag, contents } = await this.#read();
    if (contents === undefined)
      throw new DocumentMissingError(`${this.name}: there is no document. Put the first one there with pushDocument.`);
    this.#feed.loaded(etag);
    return this.#stored(contents);
  }

  watch(onChange: () => void): () => void {
    return this.#feed.watch(onChange);
  }

  update(change: (document: FlagDocument) => FlagDocument, options: UpdateOptions): Promise<StoredFlags> {
    return this.#change(options, ({ texts, state }) => planUpdate(texts, state, change, options.state));
  }

  updateState(change: (state: FlagState) => FlagState, options: ChangeOptions): Promise<StoredFlags> {
    return this.#change(options, ({ texts, state }) => ({
      documents: texts,
      ...planStateChange(state, change(state)),
    }));
  }

  pushDocument(text: string, options: ChangeOptions): Promise<StoredFlags> {
    return this.#change(options, ({ texts, state }) => {
      const pushed = { name: this.name, text };
      return { documents: [pushed], state, difference: planReplacement(texts[0], pushed, this.maxBytes) };
    });
  }

  async history({ limit = 100 }: { readonly limit?: number } = {}): Promise<readonly Change[]> {
    return (await this.#read()).contents?.history.slice(0, limit) ?? [];
  }

  close(): Promise<void> {
    this.#feed.close();
    return Promise.resolve();
  }

  async #change(
    { by, reason, expectedVersion, evidence = [] }: ChangeOptions,
    plan: (now: Now) => PlannedUpdate,
  ): Promise<StoredFlags> {
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      const { etag, contents } = await this.#read();
      const stored = this.#stored(contents);
      if (expectedVersion !== undefined && expectedVersion !== stored.version) {
        throw new VersionConflictError(expectedVersion, stored);
      }
      const { documents, state, difference: changed } = plan({ texts: stored.document, state: stored.state });
      const difference = [...changed, ...evidence];
      const text = documents[0]?.text ?? '';
      if (difference.length === 0 && text === contents?.text) return stored;
      this.#expectReadable(text);
      const version = nextVersion(contents?.version);
      const change = { at: Date.now(), by, reason, version, difference };
      const history = [change, ...(contents?.history ?? [])].slice(0, historyLength);
      const next = { version, text, state: serializeFlagState(state), history };
      if (await this.#write(etag, next)) return this.#stored(next);
      await wait(Math.random() * 20);
    }
    throw new Error(`${this.name}: others kept changing the flags; gave up after ${maxAttempts} attempts.`);
  }

  /** What is too large to be read again must not be written. */
  #expectReadable(text: string): void {
    if (Buffer.byteLength(text) <= this.maxBytes) return;
    throw new RangeError(`${this.name}: the document would have more than ${this.maxBytes} bytes.`);
  }

  async #read(): Promise<{ readonly etag: string; readonly contents: Contents | undefined }> {
    const response = await fetch(this.#url);
    if (response.status === 404) return { etag: '', contents: undefined };
    if (!response.ok) throw new Error(`${this.name}: answered ${response.status}.`);
    return { etag: response.headers.get('etag') ?? '', contents: (await response.json()) as Contents };
  }

  /** Whether it was written; not if somebody else was faster. */
  async #write(etag: string, contents: Contents): Promise<boolean> {
    const condition: Record<string, string> = etag === '' ? { 'if-none-match': '*' } : { 'if-match': etag };
    const response = await fetch(this.#url, { method: 'PUT', headers: condition, body: JSON.stringify(contents) });
    if (!response.ok && response.status !== 412) throw new Error(`${this.name}: answered ${response.status}.`);
    return response.ok;
  }

  #stored(contents: Contents | undefined): StoredFlags & { readonly document: Now['texts'] } {
    if (contents === undefined) return { document: [], state: emptyFlagState, version: 'bucket:0' };
    const { text, state, version } = contents;
    return { document: [{ name: this.name, text }], state: parseFlagState(state).state, version };
  }
}

/** What a change starts from. */
interface Now {
  readonly texts: readonly SourceText[];
  readonly state: FlagState;
}

/** In a bucket that was emptied, another lineage begins. */
function nextVersion(version: string | undefined): string {
  const [, lineage, counter] = /^(.+):(\d+)$/.exec(version ?? '') ?? [];
  return `${lineage ?? `bucket-${randomBytes(4).toString('hex')}`}:${Number(counter ?? 0) + 1}`;
}
