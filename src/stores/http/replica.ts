import type { FlagDocument } from '../../flags/flag-document.js';
import type { FlagState } from '../../flags/flag-state.js';
import { parseFlagState } from '../../flags/flag-state-text.js';
import { inSteps } from '../../flags/in-steps.js';
import { FORMAT, hashOf, type Heading, isTag, tagOf } from './flag-lines.js';

/** What the serving side serves, as it was sent. Immutable; a change makes another replica. */
export interface Replica {
  readonly version: string;
  readonly tag: string;
  readonly sum: bigint;
  /** By part and name. */
  readonly parts: ReadonlyMap<string, ReadonlyMap<string, ReplicaValue>>;
}

interface ReplicaValue {
  readonly value: unknown;
  readonly hash: bigint;
}

/** What was sent is not what the serving side has. */
export class BrokenAnswerError extends Error {
  override readonly name = 'BrokenAnswerError';
}

/** The longest version that is believed. */
const LONGEST_VERSION = 1_000;

/**
 * Reads an answer in steps, so that a large one can be read between other work. What the lines come to must have the tag
 * that the heading says.
 *
 * @param base what we have; only changes need it
 * @throws BrokenAnswerError if it isn't what the serving side has
 */
export function* readReplica(body: string, base: Replica | undefined): Generator<void, Replica> {
  const [first = '', ...lines] = body.replace(/\n$/, '').split('\n');
  const heading = readHeading(first);
  if (lines.length !== heading.lines) {
    throw new BrokenAnswerError(`${lines.length} lines arrived, ${heading.lines} were sent.`);
  }
  const isChange = heading.base !== undefined;
  if (isChange && heading.base !== base?.tag)
    throw new BrokenAnswerError('it changes what this process does not have.');
  const parts = new Map<string, Map<string, ReplicaValue>>();
  for (const [part, values] of isChange ? (base?.parts ?? []) : []) parts.set(part, new Map(values));
  let sum = isChange ? (base?.sum ?? 0n) : 0n;
  yield* inSteps(lines, (line) => {
    const { part, name, value } = readLine(line);
    const values = parts.get(part) ?? new Map<string, ReplicaValue>();
    parts.set(part, values);
    sum -= values.get(name)?.hash ?? 0n;
    if (value === undefined) {
      values.delete(name);
      return;
    }
    const hash = hashOf(line);
    sum += hash;
    values.set(name, { value, hash });
  });
  const { version, tag } = heading;
  if (tagOf(version, sum) !== tag) throw new BrokenAnswerError('its lines do not add up to its tag.');
  return { version, tag, sum: BigInt.asUintN(256, sum), parts };
}

function readHeading(line: string): Heading {
  const heading = parseJson(line);
  if (typeof heading !== 'object' || heading === null) throw new BrokenAnswerError('its first line is no heading.');
  const { format, version, tag, base, lines } = heading as Readonly<Record<string, unknown>>;
  if (format !== FORMAT) {
    const found = typeof format === 'number' ? `format ${format}` : 'no format';
    throw new BrokenAnswerError(`it has ${found}; this process knows format ${FORMAT}.`);
  }
  const isVersion = typeof version === 'string' && version.length <= LONGEST_VERSION;
  const isRight = isVersion && isTag(tag) && Number.isSafeInteger(lines) && (base === undefined || isTag(base));
  if (!isRight) throw new BrokenAnswerError('its heading lacks a version, a tag or the number of lines.');
  return { format, version, tag, lines: lines as number, ...(base !== undefined && { base }) };
}

function readLine(line: string): { readonly part: string; readonly name: string; readonly value: unknown } {
  const entry = parseJson(line);
  const [part, name, value] = Array.isArray(entry) ? (entry as readonly unknown[]) : [];
  const isPart = typeof part === 'string' && /^[\w.]+$/.test(part);
  if (!isPart || typeof name !== 'string') throw new BrokenAnswerError('one of its lines is none.');
  return { part, name, value };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new BrokenAnswerError('one of its lines is no JSON.');
  }
}

/** The document and the state of a replica. A part that a newer serving side may send is passed over. */
export function contentOf({ parts }: Replica): { readonly document: FlagDocument; readonly state: FlagState } {
  const objectOf = (part: string): Record<string, unknown> =>
    Object.fromEntries(Array.from(parts.get(part) ?? [], ([name, { value }]) => [name, value]));
  const hasSegments = (parts.get('segments')?.size ?? 0) > 0;
  const segments = hasSegments ? { segments: objectOf('segments') } : {};
  const document = { ...objectOf('document'), flags: objectOf('flags'), ...segments };
  const states = Array.from(parts.keys())
    .filter((part) => part.startsWith(STATE))
    .map((part) => [part.slice(STATE.length), objectOf(part)] as const);
  // The reader parses the document, as it does any other.
  return { document: document as unknown as FlagDocument, state: parseFlagState(Object.fromEntries(states)).state };
}

/** What the names of the state's parts begin with. */
const STATE = 'state.';
