import type { Halyard } from '../halyard.js';
import { chooseCoding, type Coding, CODINGS } from '../http/content-coding.js';
import type { HttpAnswer } from '../http/http-answer.js';
import type { HttpRequest } from '../http/http-request.js';
import { RequestProblem } from '../http/request-problem.js';
import type { Runtime } from '../runtime/runtime.js';
import { DELTA, FLAGS_TYPE, STALE_HEADER } from '../stores/http/flag-lines.js';
import type { Edition } from './edition.js';
import { Editions } from './editions.js';
import { FlagBodies } from './flag-bodies.js';
import type { PackedBody } from './packed-body.js';
import type { SyncStreamOptions } from './sync-options.js';
import { VersionStream } from './version-stream.js';

/** After how long a reader asks again that came before there were flags, in seconds. */
const RETRY_AFTER_SECONDS = 2;

/** What a Halyard serves to readers, until it or this is closed. */
export class ServedSource {
  readonly #halyard: Halyard;
  readonly #editions: Editions;
  readonly #bodies: FlagBodies;
  readonly #stream: VersionStream | undefined;
  readonly #end: () => void;
  #isClosed = false;

  constructor(halyard: Halyard, runtime: Runtime, streamOptions: SyncStreamOptions | false) {
    this.#halyard = halyard;
    this.#editions = new Editions(runtime, () => this.#stream?.tell());
    this.#bodies = new FlagBodies(this.#editions);
    const look = () => ({ edition: this.#editions.current, isStale: halyard.health().status === 'stale' });
    this.#stream = streamOptions === false ? undefined : new VersionStream(streamOptions, look);
    const stops = [
      runtime.listeners.on('stale', () => this.#stream?.tell()),
      runtime.listeners.on('ready', () => this.#stream?.tell()),
      runtime.onStreamsEnd(() => this.#stream?.close()),
      runtime.onClose(() => this.close()),
    ];
    this.#end = () => {
      for (const stop of stops) stop();
    };
  }

  /**
   * The flags, or what has changed of them, or that nothing has.
   * @throws RequestProblem (503) while there are none
   */
  async answer(request: HttpRequest): Promise<HttpAnswer> {
    const edition = await this.#editions.latest();
    const health = this.#halyard.health();
    // What isn't followed any more must not be taken for what holds.
    if (this.#isClosed || health.status === 'closed') throw notServing('This instance is ending.');
    if (edition === undefined) throw notServing('No flags are loaded yet.');
    const stale = health.status === 'stale' ? { [STALE_HEADER]: String(Math.ceil((health.ageMs ?? 0) / 1_000)) } : {};
    const headers = { ...HEADERS, ...stale };
    const known = knownTags(request.header('if-none-match'));
    const coding = chooseCoding(request.header('accept-encoding'));
    if (known === '*' || known.includes(edition.tag)) {
      return { status: 304, headers: { ...headers, ETag: entityTag(edition, undefined) }, body: undefined };
    }
    if (request.method === 'HEAD') {
      const type = { 'Content-Type': FLAGS_TYPE, ETag: entityTag(edition, undefined) };
      return { status: 200, headers: { ...headers, ...type }, body: undefined };
    }
    const changes = acceptsChanges(request) ? this.#changesFor(edition, known) : undefined;
    if (changes === undefined) return packedAnswer(200, edition, this.#bodies.whole(edition), coding, headers);
    // A cache would take it for the whole.
    const more = { ...headers, IM: DELTA, 'Delta-Base': `"${changes.base}"`, 'Cache-Control': 'no-store' };
    return packedAnswer(226, edition, changes.body, coding, more);
  }

  /**
   * The answer to one more reader that wants to hear of versions.
   * @throws RequestProblem: 503 if too many listen, 404 if there is no stream
   */
  listen(): HttpAnswer {
    if (this.#stream === undefined) throw new RequestProblem(404, 'No events are sent here.');
    return this.#stream.answer();
  }

  close(): void {
    this.#isClosed = true;
    this.#end();
    this.#editions.close();
    this.#stream?.close();
  }

  #changesFor(
    edition: Edition,
    known: readonly string[],
  ): { readonly base: string; readonly body: PackedBody } | undefined {
    for (const base of known) {
      const body = this.#bodies.changes(edition, base);
      if (body !== undefined) return { base, body };
    }
    return undefined;
  }
}

const HEADERS = {
  // Nothing may be kept without asking again.
  'Cache-Control': 'private, no-cache',
  'X-Content-Type-Options': 'nosniff',
  Vary: 'Accept-Encoding, A-IM, If-None-Match',
};

function notServing(why: string): RequestProblem {
  return new RequestProblem(503, why, { 'Retry-After': String(RETRY_AFTER_SECONDS) });
}

async function packedAnswer(
  status: number,
  edition: Edition,
  body: PackedBody,
  accepted: Coding | undefined,
  headers: HttpAnswer['headers'],
): Promise<HttpAnswer> {
  const coding = body.isLarge ? accepted : undefined;
  const bytes = coding === undefined ? body.plain : await body.as(coding);
  const own = {
    'Content-Type': FLAGS_TYPE,
    'Content-Length': String(bytes.length),
    ETag: entityTag(edition, coding),
    ...(coding !== undefined && { 'Content-Encoding': coding }),
  };
  return { status, headers: { ...headers, ...own }, body: bytes };
}

/** Strong, so another for each coding. */
function entityTag({ tag }: Edition, coding: Coding | undefined): string {
  return coding === undefined ? `"${tag}"` : `"${tag}-${coding}"`;
}

/** Longer than this, the header says nothing. */
const LONGEST_HEADER = 1_024;

const KNOWN_TAG = new RegExp(`"([\\w-]{22})(?:-(?:${CODINGS.join('|')}))?"`, 'g');

/** The editions that a reader has, in whichever coding they came; `*`: any. */
function knownTags(header: string | undefined): readonly string[] | '*' {
  if (header === undefined || header.length > LONGEST_HEADER) return [];
  return header.trim() === '*' ? '*' : Array.from(header.matchAll(KNOWN_TAG), ([, tag = '']) => tag);
}

function acceptsChanges(request: HttpRequest): boolean {
  const names = (request.header('a-im') ?? '').slice(0, LONGEST_HEADER).toLowerCase().split(',');
  return names.some((name) => name.trim() === DELTA);
}
