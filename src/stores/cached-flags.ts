import { createHash } from 'node:crypto';
import type { FlagDocument } from '../flags/flag-document.js';
import { parseFlagState, serializeFlagState, type WrittenFlagState } from '../flags/flag-state-text.js';
import type { SourceText, StoredFlags } from './flag-store.js';

/**
 * Flags as a file keeps them: one line of JSON, and one with its checksum, so that what was damaged is known for it.
 * The first name in the JSON is the format's version.
 */
export interface CachedFlags {
  /** The name of the store that held them. */
  readonly store: string;
  /** When the store was last known to hold them, in milliseconds since the epoch. */
  readonly at: number;
  readonly stored: Pick<StoredFlags, 'document' | 'state' | 'version'>;
}

const FORMAT = 1;

/** How many characters are turned into bytes at a time: few enough to take a fraction of a millisecond. */
const CHUNK = 64 * 1024;

/** The bytes of the file, part by part, so that a large document holds nobody up. */
export function* formatCachedFlags(cached: CachedFlags): Generator<Uint8Array> {
  const hash = createHash('sha256');
  let waiting = '';
  for (const text of jsonOf(cached)) {
    waiting += text;
    if (waiting.length < CHUNK) continue;
    const bytes = Buffer.from(waiting);
    waiting = '';
    hash.update(bytes);
    yield bytes;
  }
  const rest = Buffer.from(`${waiting}\n`);
  yield rest;
  yield Buffer.from(`sha256:${hash.update(rest).digest('hex')}\n`);
}

/** How long the line of the checksum is. */
const CHECKSUM_BYTES = 'sha256:'.length + 64 + 1;

/** @throws Error that says what is wrong with the bytes */
export function parseCachedFlags(bytes: Buffer): CachedFlags {
  if (bytes.length === 0) throw new Error('is empty');
  const format = /^\{"halyardCache":(\d{1,9}),/.exec(bytes.toString('latin1', 0, 32))?.[1];
  if (format === undefined) throw new Error('is no cache of flags');
  if (Number(format) !== FORMAT) throw new Error(`is of format ${format}, and this version of Halyard reads ${FORMAT}`);
  const content = bytes.subarray(0, -CHECKSUM_BYTES);
  const checksum = bytes.toString('latin1', content.length);
  if (checksum !== `sha256:${createHash('sha256').update(content).digest('hex')}\n`) {
    throw new Error('is damaged: its checksum is not that of its content');
  }
  return cachedFlagsOf(JSON.parse(content.toString('utf8')) as WrittenCache);
}

/** What the JSON says. */
interface WrittenCache {
  readonly halyardCache: typeof FORMAT;
  readonly store: string;
  readonly at: string;
  readonly version: string;
  readonly state: WrittenFlagState;
  /** One of the two; texts are in parts. */
  readonly texts?: readonly { readonly name: string; readonly parts: readonly string[] }[];
  readonly object?: FlagDocument;
}

function* jsonOf({ store, at, stored: { document, state, version } }: CachedFlags): Generator<string> {
  const written: WrittenCache = {
    halyardCache: FORMAT,
    store,
    at: new Date(at).toISOString(),
    version,
    state: serializeFlagState(state),
  };
  yield `${JSON.stringify(written).slice(0, -1)},`;
  yield* isTexts(document) ? jsonOfTexts(document) : jsonOfObject(document);
  yield '}';
}

function* jsonOfTexts(texts: readonly SourceText[]): Generator<string> {
  let separator = '"texts":[';
  for (const { name, text } of texts) {
    yield `${separator}{"name":${JSON.stringify(name)},"parts":[`;
    for (let index = 0; index < text.length; index += CHUNK) {
      yield `${index === 0 ? '' : ','}${JSON.stringify(text.slice(index, index + CHUNK))}`;
    }
    yield ']}';
    separator = ',';
  }
  yield ']';
}

/** Flag by flag; whatever else the document has is small. */
function* jsonOfObject({ flags, ...rest }: FlagDocument): Generator<string> {
  yield '"object":{"flags":{';
  yield* members(flags);
  yield '}';
  if (Object.keys(rest).length > 0) yield ',';
  yield* members(rest);
  yield '}';
}

/** The members of an object as JSON; those that JSON can't hold are left out. */
function* members(object: Readonly<Record<string, unknown>>): Generator<string> {
  let separator = '';
  // Not by its entries: making so many pairs takes longer than any of the steps.
  for (const name of Object.keys(object)) {
    const json = JSON.stringify(object[name]) as string | undefined;
    if (json === undefined) continue;
    yield `${separator}${JSON.stringify(name)}:${json}`;
    separator = ',';
  }
}

function cachedFlagsOf({ store, at: writtenAt, version, state: written, texts, object }: WrittenCache): CachedFlags {
  const at = Date.parse(writtenAt);
  const document = object ?? texts?.map(({ name, parts }) => ({ name, text: parts.join('') }));
  if (typeof store !== 'string' || typeof version !== 'string' || Number.isNaN(at) || document === undefined) {
    throw new Error('lacks a part');
  }
  const { state, problems } = parseFlagState(written);
  if (problems.length > 0) throw new Error('holds kills or rollouts that this version of Halyard cannot read');
  return { store, at, stored: { document, state, version } };
}

function isTexts(document: StoredFlags['document']): document is readonly SourceText[] {
  return Array.isArray(document);
}
