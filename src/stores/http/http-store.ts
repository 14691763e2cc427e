import { isUtf8 } from 'node:buffer';
import { runInSlices } from '../../flags/run-steps.js';
import { ChangeFeed, type PushListener } from '../change-feed.js';
import type { FlagStore, StoredFlags } from '../flag-store.js';
import type { FleetRegister } from '../fleet-register.js';
import { answerError, typeError } from './answer-error.js';
import { backOffMs } from './back-off.js';
import { DELTA, FLAGS_TYPE, STALE_HEADER } from './flag-lines.js';
import { type Answered, HttpConnection } from './http-connection.js';
import { HttpFleet } from './http-fleet.js';
import { HttpStoreError } from './http-store-error.js';
import { checkAddress, checkHttpStoreOptions, type HttpStoreOptions } from './http-store-options.js';
import { PushedVersions, pushedTag } from './pushed-versions.js';
import { BrokenAnswerError, contentOf, readReplica, type Replica } from './replica.js';

export { HttpStoreError } from './http-store-error.js';
export type { HttpStoreOptions, HttpStoreTls } from './http-store-options.js';

/** A store that can be followed, and not written. */
export type HttpStore = FlagStore & Required<Pick<FlagStore, 'watch' | 'fleet'>>;

/**
 * Flags from another Halyard, which serves them with `syncHandler`. The first load takes all of them; then only what has
 * changed. The serving side tells of changes; where it doesn't, it is asked every few seconds. It may be away for any time:
 * the last flags stay, and it is asked again, ever less often, until it is back.
 *
 * It can only be read: kill and change flags where they come from.
 *
 * @param address where the `syncHandler` is, like `https://flags.internal/halyard`
 * @throws TypeError for an address or options that can't be meant, and for a token that would go unencrypted to another host
 */
export function httpStore(address: string | URL, options: HttpStoreOptions = {}): HttpStore {
  checkHttpStoreOptions(options);
  return new StoreOverHttp(new HttpConnection(checkAddress(address, options), options), options);
}

/** How often the serving side is asked while it tells of changes by itself: the net under that. */
const NET_MS = 60_000;

/** In the place of a tag: whoever has loaded nothing yet is told as soon as there is something. */
const NOTHING = 'nothing';

/** While it can't be asked. */
const LONGEST_BACK_OFF_MS = 60_000;

class StoreOverHttp implements HttpStore {
  readonly name: string;
  readonly refuses = 'flags';
  readonly fleet: FleetRegister;
  readonly #connection: HttpConnection;
  readonly #feed: ChangeFeed;
  readonly #pollMs: number;
  #replica: Replica | undefined;
  #push: PushedVersions | undefined;
  #failures = 0;
  /** What the serving side wants to be left alone for, in milliseconds. */
  #retryAfterMs = 0;

  constructor(connection: HttpConnection, { pollMs = 3_000, push = true }: HttpStoreOptions) {
    this.name = connection.where;
    this.fleet = new HttpFleet(connection);
    this.#connection = connection;
    this.#pollMs = pollMs;
    this.#feed = new ChangeFeed({
      pollMs: () => this.#nextPollMs(),
      ask: () => this.#ask(),
      listen: (listener) => (push ? this.#listen(listener) : { close: () => undefined }),
    });
    this.#feed.loaded(NOTHING);
  }

  async load(): Promise<StoredFlags> {
    const before = this.#replica;
    const answer = await this.#get(before);
    const replica = await this.#read(answer, before);
    this.#replica = replica;
    const staleSince = staleSinceOf(answer);
    this.#feed.loaded(pushedTag(replica.tag, staleSince !== undefined));
    return { ...contentOf(replica), version: replica.version, ...(staleSince !== undefined && { staleSince }) };
  }

  watch(onChange: () => void): () => void {
    return this.#feed.watch(onChange);
  }

  close(): Promise<void> {
    this.#feed.close();
    this.#connection.close();
    return Promise.resolve();
  }

  #get(known: Replica | undefined): Promise<Answered> {
    const condition = known === undefined ? {} : { 'If-None-Match': `"${known.tag}"`, 'A-IM': DELTA };
    return this.#connection.ask({
      method: 'GET',
      headers: { Accept: FLAGS_TYPE, 'Accept-Encoding': 'br, gzip', ...condition },
      // Whoever waits for the first flags has nothing else to wait for.
      isBackground: known !== undefined,
    });
  }

  async #read(answer: Answered, known: Replica | undefined): Promise<Replica> {
    const { status, headers } = answer;
    if (status === 304 && known !== undefined) return known;
    if (status !== 200 && status !== 226) throw answerError(this.name, status, headers);
    if (headers['content-type']?.split(';')[0] !== FLAGS_TYPE) throw typeError(this.name, status, headers);
    try {
      return await readBody(answer, known);
    } catch (error) {
      if (!(error instanceof BrokenAnswerError)) throw error;
      // What was changed is not what we have: then all of it is wanted.
      if (known !== undefined) return await this.#read(await this.#get(undefined), undefined);
      throw new HttpStoreError(`${this.name} answered ${status}, but the answer is broken: ${error.message}`);
    }
  }

  /** What the serving side has, without loading it. */
  async #ask(): Promise<string> {
    try {
      const known = this.#replica;
      const condition = known === undefined ? {} : { 'If-None-Match': `"${known.tag}"` };
      const answer = await this.#connection.ask({ method: 'HEAD', headers: condition, isBackground: true });
      if (answer.status !== 200 && answer.status !== 304) throw answerError(this.name, answer.status, answer.headers);
      this.#failures = 0;
      this.#retryAfterMs = 0;
      // Something in between may have dropped the tag: then a load finds out whether anything has changed.
      const tag = /"([\w-]{22})"/.exec(answer.headers.etag ?? '')?.[1] ?? `unknown at ${performance.now()}`;
      return pushedTag(tag, staleSinceOf(answer) !== undefined);
    } catch (error) {
      this.#failures += 1;
      this.#retryAfterMs = error instanceof HttpStoreError ? (error.retryAfterMs ?? 0) : 0;
      throw error;
    }
  }

  #listen(listener: PushListener): { close(): void } {
    const push = new PushedVersions(this.#connection, listener);
    this.#push = push;
    return push;
  }

  #nextPollMs(): number {
    if (this.#failures > 0) {
      const longestMs = Math.max(LONGEST_BACK_OFF_MS, this.#pollMs);
      return Math.max(backOffMs(this.#failures, { firstMs: this.#pollMs, longestMs }), this.#retryAfterMs);
    }
    return this.#push?.isUp === true ? Math.max(NET_MS, this.#pollMs) : this.#pollMs;
  }
}

async function readBody({ body }: Answered, known: Replica | undefined): Promise<Replica> {
  if (body.length === 0) throw new BrokenAnswerError('it is empty.');
  if (!isUtf8(body)) throw new BrokenAnswerError('it is not UTF-8.');
  return await runInSlices(readReplica(body.toString('utf8'), known));
}

/** Since when the serving side has not reached its own store; `undefined`: it has. */
function staleSinceOf({ headers }: Answered): number | undefined {
  const written = headers[STALE_HEADER];
  const seconds = typeof written === 'string' && /^\d{1,10}$/.test(written) ? Number(written) : undefined;
  return seconds === undefined ? undefined : Date.now() - seconds * 1_000;
}
