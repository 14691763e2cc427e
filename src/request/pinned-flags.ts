import type { EvaluationContext } from '../evaluation/evaluation-context.js';
import type { Explanation } from '../evaluation/explain.js';
import type { EvaluationDetails, FlagValue } from '../runtime/events.js';
import type { Runtime } from '../runtime/runtime.js';
import type { Snapshot } from '../runtime/snapshot.js';
import { attributesOf } from './merge-contexts.js';
import { needsContext } from './needs-context.js';
import type { RequestContext } from './request-context.js';
import type { RequestFlags } from './request-flags.js';
import type { RequestRecord } from './request-record.js';
import { RequestTransaction } from './request-transaction.js';

/** Under this key a framework's request carries its flags, also across two copies of this package. */
const PINNED: unique symbol = Symbol.for('halyard.request-flags');

const NOTHING: EvaluationContext = Object.freeze({});

/** What one middleware made of a request. */
export interface PinnedFlagsParts {
  readonly runtime: Runtime;
  /** What the adapter opened. */
  readonly source: object;
  readonly snapshot: Snapshot;
  readonly context: RequestContext;
  readonly anonymousId: string | undefined;
  /** `undefined`: nobody listens. */
  readonly record: RequestRecord | undefined;
  /** Whether OpenFeature's clients are to see the request's context. */
  readonly isTransaction: boolean;
  /** What another middleware, mounted before, made of the same request. */
  readonly outer: PinnedFlags | undefined;
}

/** The flags of one request, at one instant. */
export class PinnedFlags implements RequestFlags {
  readonly runtime: Runtime;
  /** What the adapter opened, for the adapter to find again. */
  readonly source: object;
  readonly snapshot: Snapshot;
  readonly outer: PinnedFlags | undefined;
  readonly anonymousId: string | undefined;
  readonly record: RequestRecord | undefined;
  /** Through it OpenFeature's clients see the same context and flag set; `undefined`: they don't. */
  readonly transaction: RequestTransaction | undefined;
  readonly #context: RequestContext;

  constructor({ runtime, source, snapshot, context, anonymousId, record, isTransaction, outer }: PinnedFlagsParts) {
    this.runtime = runtime;
    this.source = source;
    this.snapshot = snapshot;
    this.outer = outer;
    this.anonymousId = anonymousId;
    this.record = record;
    this.#context = context;
    this.transaction = isTransaction
      ? new RequestTransaction({ context, mark: runtime.snapshotKey, marked: snapshot, outer: outer?.transaction })
      : undefined;
  }

  get context(): EvaluationContext {
    return attributesOf(this.#context.value);
  }

  boolean(flagKey: string, fallback: boolean): boolean {
    return this.runtime.evaluator.read('boolean', flagKey, fallback, this.#contextFor(flagKey), this.snapshot);
  }

  string<Value extends string>(flagKey: string, fallback: Value): Value {
    return this.runtime.evaluator.read('string', flagKey, fallback, this.#contextFor(flagKey), this.snapshot);
  }

  number<Value extends number>(flagKey: string, fallback: Value): Value {
    return this.runtime.evaluator.read('number', flagKey, fallback, this.#contextFor(flagKey), this.snapshot);
  }

  object<Value extends object>(flagKey: string, fallback: Value): Value {
    return this.runtime.evaluator.read('object', flagKey, fallback, this.#contextFor(flagKey), this.snapshot);
  }

  details<Value extends FlagValue>(flagKey: string, fallback: Value): EvaluationDetails<Value> {
    return this.runtime.evaluator.details(flagKey, fallback, this.#contextFor(flagKey), this.snapshot);
  }

  all(): Record<string, FlagValue> {
    return this.runtime.evaluator.all(this.context, this.snapshot);
  }

  explain(flagKey: string): Explanation {
    return this.runtime.evaluator.explain(flagKey, this.context, this.snapshot);
  }

  identify(context: EvaluationContext): void {
    this.outer?.identify(context);
    this.#context.replace(context);
  }

  /** The context for a flag, without settling it. */
  peekFor(flagKey: string): EvaluationContext {
    return this.#needsContext(flagKey) ? this.peek() : NOTHING;
  }

  /** The context, without settling it. */
  peek(): EvaluationContext {
    return this.transaction?.peek() ?? this.#context.peek();
  }

  /** A flag that is the same for everyone may be read before the request's user is known. */
  #contextFor(flagKey: string): EvaluationContext {
    return this.#needsContext(flagKey) ? this.#context.value : NOTHING;
  }

  #needsContext(flagKey: string): boolean {
    return needsContext(this.snapshot.set.flags.get(flagKey));
  }
}

/**
 * Leaves flags on a framework's request, for the guards and middlewares that come later. A property, although that gives
 * some requests a hidden class of their own: a weak map of all requests keeps the garbage collector far busier.
 */
export function pin(carrier: object, flags: PinnedFlags): void {
  (carrier as { [PINNED]?: PinnedFlags })[PINNED] = flags;
}

/** What the latest middleware left on a request. */
export function pinnedOn(carrier: object): PinnedFlags | undefined {
  return (carrier as { readonly [PINNED]?: PinnedFlags })[PINNED];
}

/** What the latest middleware with this runtime left: an application may have two. */
export function pinnedOf(carrier: object, runtime: Runtime): PinnedFlags | undefined {
  let flags = pinnedOn(carrier);
  while (flags !== undefined && flags.runtime !== runtime) flags = flags.outer;
  return flags;
}
