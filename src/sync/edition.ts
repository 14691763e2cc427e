import type { FlagState } from '../flags/flag-state.js';
import { serializeFlagState } from '../flags/flag-state-text.js';
import { inSteps } from '../flags/in-steps.js';
import type { ServedFlags } from '../runtime/runtime.js';
import { hashOf, lineId, tagOf, writeLine } from '../stores/http/flag-lines.js';
import { isPlainJson } from './plain-json.js';

/** What is served at one moment, as lines. Immutable; a change makes another edition. */
export interface Edition {
  readonly version: string;
  readonly tag: string;
  readonly sum: bigint;
  /** By part and name. */
  readonly lines: ReadonlyMap<string, ReadonlyMap<string, ServedLine>>;
  /** How many lines there are in all parts. */
  readonly size: number;
  /** The {@link lineId} of each line that is another than in the edition before, or gone. */
  readonly changed: ReadonlySet<string>;
}

export interface ServedLine {
  readonly text: string;
  readonly hash: bigint;
  /** What the flag or segment was parsed to: while this stays, so does what is written. */
  readonly definition: object | undefined;
  /** The line when it was understood here for the last time. */
  readonly lastGood: string | undefined;
}

/**
 * Makes an edition in steps, so that a large one can be made between other work. What is unchanged since `former` is taken
 * over as it is.
 *
 * A flag that was refused here is sent as it is written, because a newer reader may understand it; an older one refuses it
 * as it would without us. Where the text itself is at fault, or JSON can't say the value, a reader might take it for
 * something else: it gets the last good form, or one that it refuses.
 */
export function* makeEdition(served: ServedFlags, former: Edition | undefined): Generator<void, Edition> {
  const { document, parsed, state, version } = served;
  const draft = new Draft(former);
  const { flags, segments, rest } = divide(document);
  for (const [name, value] of rest) draft.putValue('document', name, value);
  yield* inSteps(Object.keys(segments), (name) => {
    draft.putEntry('segments', name, segments[name], parsed.segments.get(name));
  });
  yield* inSteps(Object.keys(flags), (name) => {
    const value = parsed.refusedByText.has(name) ? undefined : flags[name];
    draft.putEntry('flags', name, value, parsed.flags.get(name));
  });
  for (const [part, name, value] of entriesOf(state)) draft.putValue(part, name, value);
  return draft.finish(version);
}

/** In the place of a flag that can't be sent as it is written: every reader refuses it, and keeps what it has. */
const UNREADABLE = 'what is written there can not be read';

/** An edition on its way. */
class Draft {
  readonly #former: Edition | undefined;
  readonly #lines = new Map<string, Map<string, ServedLine>>();
  readonly #changed = new Set<string>();
  #sum: bigint;
  #size = 0;
  /** How many lines were there before, too. */
  #known = 0;

  constructor(former: Edition | undefined) {
    this.#former = former;
    this.#sum = former?.sum ?? 0n;
  }

  /** Puts a value that nothing is refused of; one that JSON can't say is left out. */
  putValue(part: string, name: string, value: unknown): void {
    const text = writeLine(part, name, value);
    if (text !== undefined) this.#put(part, name, { text, definition: undefined, lastGood: undefined });
  }

  /**
   * Puts a flag or a segment.
   * @param value `undefined`: what was read isn't what is written
   * @param definition `undefined`: it was refused here
   */
  putEntry(part: string, name: string, value: unknown, definition: object | undefined): void {
    const before = this.#before(part, name);
    if (before !== undefined && definition !== undefined && definition === before.definition) {
      this.#put(part, name, before);
      return;
    }
    const isGood = definition !== undefined;
    const text = isGood || isPlainJson(value) ? writeLine(part, name, value) : undefined;
    const lastGood = isGood ? (text ?? before?.lastGood) : before?.lastGood;
    this.#put(part, name, {
      text: text ?? lastGood ?? JSON.stringify([part, name, UNREADABLE]),
      definition: text === undefined ? undefined : definition,
      lastGood,
    });
  }

  finish(version: string): Edition {
    if (this.#known !== (this.#former?.size ?? 0)) this.#dropGone();
    const sum = BigInt.asUintN(256, this.#sum);
    return { version, tag: tagOf(version, sum), sum, lines: this.#lines, size: this.#size, changed: this.#changed };
  }

  #before(part: string, name: string): ServedLine | undefined {
    return this.#former?.lines.get(part)?.get(name);
  }

  #put(part: string, name: string, line: Omit<ServedLine, 'hash'>): void {
    const before = this.#before(part, name);
    if (before !== undefined) this.#known += 1;
    const isSame = before?.text === line.text;
    const hash = isSame ? before.hash : hashOf(line.text);
    if (!isSame) {
      this.#changed.add(lineId(part, name));
      this.#sum += hash - (before?.hash ?? 0n);
    }
    this.#partOf(part).set(name, line === before ? before : { ...line, hash });
    this.#size += 1;
  }

  #partOf(part: string): Map<string, ServedLine> {
    const known = this.#lines.get(part);
    if (known !== undefined) return known;
    const made = new Map<string, ServedLine>();
    this.#lines.set(part, made);
    return made;
  }

  #dropGone(): void {
    for (const [part, lines] of this.#former?.lines ?? []) {
      for (const [name, line] of lines) {
        if (this.#lines.get(part)?.has(name) === true) continue;
        this.#changed.add(lineId(part, name));
        this.#sum -= line.hash;
      }
    }
  }
}

type Mapping = Readonly<Record<string, unknown>>;

interface DividedDocument {
  readonly flags: Mapping;
  readonly segments: Mapping;
  /** All other fields. */
  readonly rest: readonly (readonly [string, unknown])[];
}

/** A document that is served is a mapping, and so are its flags. Segments that are none are a field like others. */
function divide(document: unknown): DividedDocument {
  const { flags = {}, segments = {}, ...rest } = document as Mapping;
  const hasSegments = typeof segments === 'object' && segments !== null && !Array.isArray(segments);
  return {
    flags: flags as Mapping,
    segments: hasSegments ? (segments as Mapping) : {},
    rest: [...Object.entries(rest), ...(hasSegments ? [] : [['segments', segments] as const])],
  };
}

function entriesOf(state: FlagState): readonly (readonly [part: string, name: string, value: unknown])[] {
  return Object.entries(serializeFlagState(state)).flatMap(([part, entries]) =>
    Object.entries(entries as Mapping).map(([name, value]) => [`state.${part}`, name, value] as const),
  );
}
