import { hash } from 'node:crypto';

/** Flags are sent as JSON texts, one a line: a heading, then everything that is served. */
export const FLAGS_TYPE = 'application/x-ndjson';

/** What a reader writes into `A-IM` if it takes changes alone, and the answer into `IM` if it has nothing else (RFC 3229). */
export const DELTA = 'halyard-delta';

/** How long the serving side has not reached its own store, in seconds. Absent: it has. */
export const STALE_HEADER = 'halyard-stale-seconds';

/** The only format that there is. */
export const FORMAT = 1;

/** The first line. */
export interface Heading {
  readonly format: typeof FORMAT;
  readonly version: string;
  /** What {@link tagOf} gives for the whole that the reader has then. */
  readonly tag: string;
  /** The tag of what the lines change; absent: the lines are the whole. */
  readonly base?: string;
  /** How many lines follow. */
  readonly lines: number;
}

/** What the data of an event of the stream says. */
export interface StreamedVersion {
  /** Absent, as `version` is: nothing is loaded yet. */
  readonly tag?: string;
  readonly version?: string;
  /** Whether the serving side has lost its own store. */
  readonly stale: boolean;
  /** How often something is sent at least. */
  readonly heartbeatSeconds: number;
}

/**
 * One value of what is served: a flag (part `flags`), a segment (`segments`), another field of the document (`document`), or
 * an entry of the state, such as a kill (`state.kills`).
 *
 * @returns `undefined` for what JSON can't say
 */
export function writeLine(part: string, name: string, value: unknown): string | undefined {
  try {
    const text = JSON.stringify(value) as string | undefined;
    return text === undefined ? undefined : `[${JSON.stringify(part)},${JSON.stringify(name)},${text}]`;
  } catch {
    return undefined;
  }
}

/** The line for a value that is gone. */
export function writeRemoval(part: string, name: string): string {
  return JSON.stringify([part, name]);
}

/** A line's part in the sum over all lines. */
export function hashOf(line: string): bigint {
  return BigInt(`0x${hash('sha256', line, 'hex')}`);
}

/**
 * What names the whole that is served: the same wherever the same version of the same lines is, in whatever order they were
 * sent. 132 bits of SHA-256 over the version and the sum of all lines' hashes, modulo 2^256; so a change costs as much as it
 * is large.
 */
export function tagOf(version: string, sum: bigint): string {
  const digits = BigInt.asUintN(256, sum).toString(16).padStart(64, '0');
  return hash('sha256', `${version}\n${digits}`, 'base64url').slice(0, 22);
}

/** One that is written like a tag. */
export function isTag(value: unknown): value is string {
  return typeof value === 'string' && /^[\w-]{22}$/.test(value);
}

/** What names a line among all: its part, which has no space, and its name. */
export function lineId(part: string, name: string): string {
  return `${part} ${name}`;
}

export function splitLineId(id: string): readonly [part: string, name: string] {
  const space = id.indexOf(' ');
  return [id.slice(0, space), id.slice(space + 1)];
}
