import type { FlagDocument } from '../../flags/flag-document.js';
import { positionsInOrder } from './row-positions.js';

/** A flag, a segment, or the rest of a document, as its row says it. */
export interface Entry {
  /** Where it stands among the others. */
  readonly position: number;
  /** JSON, without spaces. */
  readonly text: string;
  /** What the text says, frozen. */
  readonly value: unknown;
}

/** By key, in the order of the document. */
export type Entries = ReadonlyMap<string, Entry>;

/** The tables of a document; each has a row for each entry. `documents` has one, under the key ``. */
export const tables = ['documents', 'flags', 'segments'] as const;

export type Table = (typeof tables)[number];

export type TableEntries = Readonly<Record<Table, Entries>>;

/** A document in rows, and put together. */
export interface StoredDocument {
  readonly entries: TableEntries;
  /** Frozen. What has not changed since the document before is the same object. `undefined`: there is no document yet. */
  readonly document: FlagDocument | undefined;
  /** Of all texts, in bytes. */
  readonly bytes: number;
}

/** Reads a row. JSON from the database is JSON; what it says may be anything, and hands have their own ways to space it. */
export function readEntry(json: string, position: number): Entry {
  const value: unknown = JSON.parse(json);
  return { position, text: JSON.stringify(value), value: deepFreeze(value) };
}

export function assembleDocument({ documents, flags: written, segments: named }: TableEntries): StoredDocument {
  const [flags, segments] = [inOrder(written), inOrder(named)];
  const entries = { documents, flags, segments };
  return {
    entries,
    document: documentOf(entries),
    bytes: bytesOf(documents) + bytesOf(flags) + bytesOf(segments),
  };
}

/** Of an environment that isn't there. */
export const nothingStored: StoredDocument = assembleDocument({
  documents: new Map(),
  flags: new Map(),
  segments: new Map(),
});

function documentOf({ documents, flags, segments }: TableEntries): FlagDocument | undefined {
  const head = documents.get('')?.value;
  if (typeof head !== 'object' || head === null) return undefined;
  const hasSegments = segments.size > 0 || 'segments' in head;
  const document = { ...head, flags: valuesOf(flags), ...(hasSegments ? { segments: valuesOf(segments) } : {}) };
  // Whoever reads it parses it: nothing here knows that it is right.
  return Object.freeze(document) as unknown as FlagDocument;
}

/**
 * Takes a document apart into rows. What is the same as in `former` keeps its row.
 *
 * @param document one that parses
 */
export function disassembleDocument(document: FlagDocument, former: TableEntries): TableEntries {
  const { flags, segments } = document;
  const head = { ...document, flags: {}, ...(segments === undefined ? {} : { segments: {} }) };
  return {
    documents: entriesOf({ '': head }, former.documents),
    flags: entriesOf(flags, former.flags),
    segments: entriesOf(segments ?? {}, former.segments),
  };
}

function entriesOf(values: Readonly<Record<string, unknown>>, former: Entries): Entries {
  const keys = Object.keys(values);
  const positions = positionsInOrder(keys.map((key) => former.get(key)?.position));
  return new Map(keys.map((key, index) => [key, entryOf(values[key], positions[index] ?? 0, former.get(key))]));
}

function entryOf(value: unknown, position: number, former: Entry | undefined): Entry {
  const text = former !== undefined && former.value === value ? former.text : jsonOf(value);
  if (former === undefined || text !== former.text) return readEntry(text, position);
  return position === former.position ? former : { ...former, position };
}

/** What JSON can't say at all is null. */
const jsonOf = (value: unknown): string => JSON.stringify(value ?? null);

/** Rows that were written by hand without a position come last. */
function inOrder(entries: Entries): Entries {
  const list = [...entries];
  const isInOrder = list.every(([, { position }], index) => position > (list[index - 1]?.[1].position ?? -Infinity));
  if (isInOrder) return entries;
  return new Map(list.sort(([a, { position: p }], [b, { position: q }]) => (p === q ? (a < b ? -1 : 1) : p - q)));
}

function valuesOf(entries: Entries): object {
  return Object.freeze(Object.fromEntries(Array.from(entries, ([key, { value }]) => [key, value])));
}

function bytesOf(entries: Entries): number {
  let bytes = 0;
  for (const { text } of entries.values()) bytes += Buffer.byteLength(text);
  return bytes;
}

function deepFreeze(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
