import { show } from '../../../options/check-options.js';
import { increaseOf } from './counter-increase.js';
import { type HealthQuestion, type HealthSource, newestWindowEnd, nothingYet } from './health-source.js';
import type { ArmObservations, ObservedArms, QueryResult, RolloutObservations } from '../judge/observations.js';
import { type ArmCounts, copyCounts, type RequestCounts } from './request-counts.js';
import { HEALTH, type RequestHealth } from './request-health.js';

/** What of a Halyard is measured. */
export interface MeasuredHalyard {
  readonly [HEALTH]: RequestHealth;
}

/** What is known of a stage that is being looked at. */
interface StageCounts {
  readonly since: number;
  /** When it was looked at first, and the counts of that moment: all that is known is since then. */
  readonly from: number;
  readonly first: RequestCounts;
  /** The counts at the end of the newest whole window. */
  readonly newest: RequestCounts;
  readonly observed: RolloutObservations;
}

/**
 * The requests that this process counts itself: for a service of one process. It needs no registry. Of a service with
 * several processes it sees one: use `prometheusHealth` there.
 *
 * A stage is counted from the first look at it, and anew after a restart. Windows go from look to look. It answers no
 * `queries`: each is an error.
 * @throws TypeError if it is no Halyard
 */
export function processHealth(halyard: MeasuredHalyard): HealthSource {
  const health = healthOf(halyard);
  health.start();
  const stages = new Map<string, StageCounts>();
  return {
    name: 'process',
    look(question) {
      const { flagKey } = question;
      const counts = health.of(flagKey);
      if (counts === undefined) return Promise.resolve(notWatched(question));
      const stage = lookAt(stages.get(flagKey), counts, question, health.bounds);
      stages.set(flagKey, stage);
      return Promise.resolve(stage.observed);
    },
  };
}

function healthOf(halyard: MeasuredHalyard): RequestHealth {
  const health = (halyard as Partial<MeasuredHalyard> | null | undefined)?.[HEALTH];
  if (health !== undefined) return health;
  const found = (halyard as unknown) instanceof Promise ? 'a promise. Await it first' : show(halyard);
  throw new TypeError(`processHealth: expected the Halyard that createHalyard() resolves with, found ${found}.`);
}

function notWatched({ flagKey, since, now, windowMs }: HealthQuestion): RolloutObservations {
  const error = `this process has no flag ${JSON.stringify(flagKey)} with a watched rollout. Does it follow the same store?`;
  return { type: 'failed', until: newestWindowEnd(since, now, windowMs), error };
}

function lookAt(
  known: StageCounts | undefined,
  counts: RequestCounts,
  { since, now, windowMs, checks }: HealthQuestion,
  bounds: readonly number[],
): StageCounts {
  if (known?.since !== since) {
    const first = copyCounts(counts);
    return { since, from: Math.max(now, since), first, newest: first, observed: nothingYet(since) };
  }
  const { from, first, newest, observed } = known;
  const until = newestWindowEnd(from, now, windowMs);
  if (until <= Math.max(observed.until, from)) return known;
  const latest = copyCounts(counts);
  return {
    since,
    from,
    first,
    newest: latest,
    observed: {
      type: 'measured',
      from,
      until,
      stage: riseOf(first, latest, bounds),
      window: riseOf(newest, latest, bounds),
      queries: new Map(checks.queries.map(({ name }) => [name, unanswered])),
    },
  };
}

const unanswered: QueryResult = {
  error: 'processHealth answers no queries. Take prometheusHealth, or take `queries` out of the checks',
};

function riseOf(before: RequestCounts, after: RequestCounts, bounds: readonly number[]): ObservedArms {
  return { in: armRise(before.in, after.in, bounds), out: armRise(before.out, after.out, bounds) };
}

function armRise(before: ArmCounts, after: ArmCounts, bounds: readonly number[]): ArmObservations {
  const counts = after.durations.map((count, bucket) => count - (before.durations[bucket] ?? 0));
  return { ...increaseOf(before, after), durations: { bounds, counts } };
}
