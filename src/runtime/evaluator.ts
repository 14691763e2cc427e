import { type Answer, countAnswer, errorAnswer, FlagTallies, type Tally } from '../evaluation/answer.js';
import { evaluateFlag } from '../evaluation/evaluate.js';
import { AttributeReaders, type EvaluationContext } from '../evaluation/evaluation-context.js';
import { createExplanation, explainFlag, type Explanation } from '../evaluation/explain.js';
import type { FlagSet } from '../evaluation/flag-set.js';
import type { ValueType } from '../flags/flag-definition.js';
import { didYouMean } from '../flags/nearest-word.js';
import type { EvaluationDetails, FlagValue, HalyardEvents } from './events.js';
import type { Listeners } from './listeners.js';
import type { Snapshot } from './snapshot.js';

/** What the time is. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

const EMPTY_CONTEXT: EvaluationContext = Object.freeze({});
const EMPTY_METADATA = Object.freeze({});

/**
 * Evaluates flags of the current set, or of a snapshot. No method does I/O, waits, logs or throws,
 * whatever key, default or context it is given.
 */
export class Evaluator {
  /** The flags that serve now. Replaced whole. */
  current: Snapshot;
  /** Where every key's evaluations are counted, over all flag sets. */
  readonly tallies: Map<string, FlagTallies> = new Map();
  /** Where evaluations of keys that no set has are counted, all together. */
  readonly unknownTallies: FlagTallies = new FlagTallies();
  readonly readers: AttributeReaders;
  readonly #clock: Clock;
  readonly #listeners: Listeners<HalyardEvents>;
  readonly #watchers: readonly unknown[];
  readonly #onUnknownKey: (key: string) => void;

  constructor(
    base: EvaluationContext,
    clock: Clock,
    listeners: Listeners<HalyardEvents>,
    onUnknownKey: (key: string) => void,
  ) {
    this.readers = new AttributeReaders(base);
    this.#clock = clock;
    this.#listeners = listeners;
    this.#watchers = listeners.of('evaluation');
    this.#onUnknownKey = onUnknownKey;
    const notFound = errorAnswer('PROVIDER_NOT_READY', 'No flags are loaded yet.', this.unknownTallies);
    const set: FlagSet = { flags: new Map(), segments: new Map(), notFound, parsed: undefined };
    this.current = { set, version: undefined, now: undefined, request: undefined, answers: undefined };
  }

  /** The value of a flag, or `fallback` where the flag has none of this type. */
  read<Value>(
    type: ValueType,
    key: string,
    fallback: Value,
    context: EvaluationContext | undefined,
    snapshot: Snapshot = this.current,
  ): Value {
    const answer = this.#answer(type, key, asContext(context), snapshot);
    countAnswer(answer);
    snapshot.answers?.set(key, answer);
    const value = pick(answer, type, fallback);
    if (this.#watchers.length > 0) this.#tell(key, value, answer, asContext(context), snapshot);
    return value;
  }

  /** The same as `read`, with everything that there is to know about the answer. */
  details<Value>(
    key: string,
    fallback: Value,
    context: EvaluationContext | undefined,
    snapshot: Snapshot = this.current,
    type: ValueType | undefined = valueType(fallback),
  ): EvaluationDetails<Value> {
    const answer = this.#answer(type, key, asContext(context), snapshot);
    countAnswer(answer);
    snapshot.answers?.set(key, answer);
    const value = pick(answer, type, fallback);
    if (this.#watchers.length > 0) this.#tell(key, value, answer, asContext(context), snapshot);
    return describe(key, value, answer, snapshot);
  }

  /** The answer as it is, for a guard: it wants no value of some type, but to know what the flag says. */
  answer(key: string, context: EvaluationContext | undefined, snapshot: Snapshot = this.current): Answer {
    const answer = this.#answer(undefined, key, asContext(context), snapshot);
    countAnswer(answer);
    snapshot.answers?.set(key, answer);
    if (this.#watchers.length > 0) this.#tell(key, answer.value, answer, asContext(context), snapshot);
    return answer;
  }

  /** The values of all flags that have one for this context, by key. Not counted as evaluations. */
  all(context: EvaluationContext | undefined, snapshot: Snapshot = this.current): Record<string, FlagValue> {
    const values: [string, FlagValue][] = [];
    for (const key of snapshot.set.flags.keys()) {
      const { value } = this.#answer(undefined, key, asContext(context), snapshot);
      if (value !== undefined) values.push([key, value]);
    }
    return Object.fromEntries(values);
  }

  /** How a flag comes to its answer. Not counted as an evaluation. */
  explain(key: string, context: EvaluationContext | undefined, snapshot: Snapshot = this.current): Explanation {
    const { set } = snapshot;
    const flag = set.flags.get(key);
    if (flag === undefined) return explainError(key, set.notFound, didYouMean(key, set.parsed?.flags.keys() ?? []));
    const scope = { readers: this.readers, segments: set.segments };
    try {
      return explainFlag(flag, set.flags, asContext(context), snapshot.now ?? this.#clock.now(), scope);
    } catch (error) {
      return explainError(key, this.#failure(key, error));
    }
  }

  #answer(type: ValueType | undefined, key: string, context: EvaluationContext, { set, now }: Snapshot): Answer {
    const flag = set.flags.get(key);
    if (flag === undefined) {
      if (set.parsed !== undefined) this.#onUnknownKey(key);
      return set.notFound;
    }
    try {
      const answer = evaluateFlag(flag, set.flags, context, flag.isTimed ? (now ?? this.#clock.now()) : 0);
      if (answer.type === type || answer.type === undefined || type === undefined) return answer;
      return errorAnswer('TYPE_MISMATCH', `The variants of "${key}" are of type ${answer.type}.`, flag.tallies);
    } catch (error) {
      return this.#failure(key, error);
    }
  }

  /** A context can throw when it is read: a getter, a proxy. */
  #failure(key: string, error: unknown): Answer {
    const tallies = this.tallies.get(key) ?? this.unknownTallies;
    return errorAnswer('GENERAL', `The evaluation context could not be read: ${messageOf(error)}`, tallies);
  }

  #tell(key: string, value: unknown, answer: Answer, context: EvaluationContext, { version, request }: Snapshot): void {
    const { variant, reason, errorCode, errorMessage, rule, assignment } = answer;
    this.#listeners.emit('evaluation', {
      flagKey: key,
      value,
      variant,
      reason,
      errorCode,
      errorMessage,
      rule,
      assignment,
      version,
      context,
      request,
    });
  }
}

/** All tallies that an evaluator has, by flag key; `undefined` for unknown keys. */
export function* talliesOf(evaluator: Evaluator): Generator<readonly [key: string | undefined, tally: Tally]> {
  for (const tally of evaluator.unknownTallies) yield [undefined, tally];
  for (const [key, tallies] of evaluator.tallies) for (const tally of tallies) yield [key, tally];
}

function pick<Value>(answer: Answer, type: ValueType | undefined, fallback: Value): Value {
  // The answer's type was compared with the fallback's; no type of TypeScript's can say that.
  if (answer.type !== undefined) return answer.value as Value;
  // What is switched off without saying what that means is `false`.
  return answer.reason === 'DISABLED' && type === 'boolean' ? (false as Value) : fallback;
}

function describe<Value>(
  key: string,
  value: Value,
  answer: Answer,
  { set, version }: Snapshot,
): EvaluationDetails<Value> {
  const { variant, reason, errorCode, errorMessage, rule } = answer;
  const definition = set.flags.get(key)?.definition;
  // Assigned one by one: spreading each condition would take longer than the evaluation.
  const details: Writable<EvaluationDetails<Value>> = {
    flagKey: key,
    value,
    reason,
    flagMetadata: definition?.metadata ?? EMPTY_METADATA,
  };
  if (variant !== undefined) details.variant = variant;
  if (errorCode !== undefined) details.errorCode = errorCode;
  if (errorMessage !== undefined) details.errorMessage = errorMessage;
  if (rule !== undefined) details.rule = rule;
  if (definition !== undefined) details.kind = definition.kind;
  if (definition?.owner !== undefined) details.owner = definition.owner;
  if (version !== undefined) details.version = version;
  return details;
}

type Writable<T> = { -readonly [Name in keyof T]: T[Name] };

function explainError(key: string, answer: Answer, hint = ''): Explanation {
  const text = `${answer.errorMessage ?? answer.reason}${hint}`;
  return createExplanation(key, answer, [{ step: 'error', applies: true, text }]);
}

/** The type that a fallback asks for; `undefined`: any. */
function valueType(fallback: unknown): ValueType | undefined {
  switch (typeof fallback) {
    case 'boolean':
    case 'number':
    case 'string':
    case 'object':
      return typeof fallback as ValueType;
    default:
      return undefined;
  }
}

function asContext(context: unknown): EvaluationContext {
  return typeof context === 'object' && context !== null ? (context as EvaluationContext) : EMPTY_CONTEXT;
}

function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error);
  } catch {
    return 'an error that has no text';
  }
}
