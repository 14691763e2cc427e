import type { Answer } from '../../../evaluation/answer.js';
import { asUnit } from '../../../evaluation/bucketing.js';
import type { AttributeReader, EvaluationContext } from '../../../evaluation/evaluation-context.js';
import type { FlagSet } from '../../../evaluation/flag-set.js';
import { watchedRolloutOf, type WatchedRollout } from '../../../flags/watched-rollout.js';
import type { RequestEvent, RequestOutcome } from '../../../runtime/events.js';
import type { Runtime } from '../../../runtime/runtime.js';
import { bucketOf } from '../../../telemetry/duration-histogram.js';
import type { CallOutcome } from '../../breaker.js';
import { emptyCounts, type RequestCounts } from './request-counts.js';
import { createSlicer } from './slices.js';

/** The key under which a Halyard carries its counts, also for another copy of this package. Not for applications. */
export const HEALTH: unique symbol = Symbol.for('halyard.request-health');

/** A flag with a watched rollout, and how its units are found and sliced. */
interface WatchedFlag {
  readonly rollout: WatchedRollout;
  readonly readUnit: AttributeReader;
  readonly sliceOf: (unit: string) => number;
  readonly counts: RequestCounts;
}

/**
 * Counts how requests ended, by arm and slice of units, for flags with a watched rollout. Counting begins with the first
 * who wants to know, and happens once a request is over.
 *
 * A request counts for each flag whose own rollout placed its unit. A server error is a failure; a client's mistake is
 * none, and counts as a request that went well; what a guard answered does not count.
 */
export class RequestHealth {
  /** Upper bounds of the durations' buckets, in seconds, rising. */
  readonly bounds: readonly number[];
  readonly #runtime: Runtime;
  /** Counts outlive what they count, as counters do. */
  readonly #counts = new Map<string, RequestCounts>();
  #set: FlagSet | undefined;
  #watched: ReadonlyMap<string, WatchedFlag> = new Map();
  #isCounting = false;

  constructor(runtime: Runtime, bounds: readonly number[]) {
    this.#runtime = runtime;
    this.bounds = bounds;
  }

  /** Begins to count, once however often it is called. Ends with the Halyard; the counts stay. */
  start(): void {
    if (this.#isCounting) return;
    this.#isCounting = true;
    const stop = this.#runtime.listeners.on('request', (event) => this.#countRequest(event));
    this.#runtime.onClose(() => {
      this.#isCounting = false;
      stop();
    });
  }

  /** The counts of a flag that is watched, or was. They go on; copy them. */
  of(flagKey: string): RequestCounts | undefined {
    this.#flags();
    return this.#counts.get(flagKey);
  }

  /** The counts of all flags that are watched, or were, by flag key. */
  all(): Iterable<readonly [flagKey: string, counts: RequestCounts]> {
    this.#flags();
    return this.#counts;
  }

  /** For a call that a flag let through: takes its outcome when it is over. `undefined`: it does not count. */
  callNote(
    flagKey: string,
    { assignment }: Answer,
    context: EvaluationContext,
  ): ((outcome: CallOutcome) => void) | undefined {
    if (!this.#isCounting || (assignment !== 'in' && assignment !== 'out')) return undefined;
    const flag = this.#flags().get(flagKey);
    const slice = flag && sliceIn(flag, context);
    if (flag === undefined || slice === undefined) return undefined;
    const arm = flag.counts[assignment];
    return (outcome) => {
      if (outcome !== 'neither') countOne(arm, slice, outcome === 'failure');
    };
  }

  #countRequest(event: RequestEvent): void {
    const watched = this.#flags();
    if (watched.size === 0 || event.outcome === 'blocked') return;
    for (const [key, { assignment, context }] of event.flags) {
      if (assignment !== 'in' && assignment !== 'out') continue;
      const flag = watched.get(key);
      const slice = flag && sliceIn(flag, context ?? event.context);
      if (flag === undefined || slice === undefined) continue;
      const arm = flag.counts[assignment];
      countOne(arm, slice, isFailure(event.outcome));
      const bucket = bucketOf(event.durationMs / 1000, this.bounds);
      arm.durations[bucket] = (arm.durations[bucket] ?? 0) + 1;
    }
  }

  /** The flags that are watched now. A document seldom changes: they are looked for once in each. */
  #flags(): ReadonlyMap<string, WatchedFlag> {
    const { set } = this.#runtime.evaluator.current;
    if (set !== this.#set) {
      this.#watched = this.#find(set);
      this.#set = set;
    }
    return this.#watched;
  }

  #find({ flags }: FlagSet): ReadonlyMap<string, WatchedFlag> {
    const found = new Map<string, WatchedFlag>();
    for (const { key, definition } of flags.values()) {
      const rollout = watchedRolloutOf(definition);
      if (rollout === undefined) continue;
      const before = this.#watched.get(key);
      found.set(key, before?.rollout === rollout ? before : this.#watch(key, rollout));
    }
    return found;
  }

  #watch(key: string, rollout: WatchedRollout): WatchedFlag {
    const counts = this.#counts.get(key) ?? emptyCounts(this.bounds.length);
    this.#counts.set(key, counts);
    const readUnit = this.#runtime.evaluator.readers.of(rollout.by);
    return { rollout, readUnit, sliceOf: createSlicer(rollout.seed), counts };
  }
}

function isFailure(outcome: RequestOutcome): boolean {
  return outcome === 'server_error';
}

function countOne(arm: RequestCounts['in'], slice: number, isFailed: boolean): void {
  arm.requests[slice] = (arm.requests[slice] ?? 0) + 1;
  if (isFailed) arm.failures[slice] = (arm.failures[slice] ?? 0) + 1;
}

/** Nothing for a context without a unit, which no rollout placed, or that throws when it is read: a getter, a proxy. */
function sliceIn({ readUnit, sliceOf }: WatchedFlag, context: EvaluationContext): number | undefined {
  try {
    const unit = asUnit(readUnit(context));
    return unit === undefined ? undefined : sliceOf(unit);
  } catch {
    return undefined;
  }
}
