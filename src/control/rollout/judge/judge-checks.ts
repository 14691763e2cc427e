import type { WatchedSchedule, WatchedStage } from '../../../flags/flag-definition.js';
import { compareErrors } from './compare-errors.js';
import { limitP99, limitP99Increase } from './limit-latency.js';
import { limitQuery } from './limit-query.js';
import { failuresOf, type MeasuredObservations, type ObservedArms, requestsOf } from './observations.js';
import { limitShare } from './share-limit.js';
import { alphaOf, isCompared, needsRequests } from './stages.js';
import type { Verdict } from './verdict.js';

/** How every check of a stage stands. Where nobody is out, there is nothing to compare, and only limits remain. */
export function judgeChecks(
  plan: WatchedSchedule,
  stage: WatchedStage,
  observed: MeasuredObservations,
): readonly Verdict[] {
  const { maxErrorRate, maxErrorRateIncrease, maxP99Ms, maxP99Increase, minimumRequests, queries } = plan.checks;
  const alpha = alphaOf(plan);
  const compared = isCompared(stage);
  const verdicts: Verdict[] = [];
  if (maxErrorRateIncrease !== undefined && compared) {
    verdicts.push(compareErrors(maxErrorRateIncrease, alpha, observed.stage));
  }
  if (maxErrorRate !== undefined) verdicts.push(limitErrors(maxErrorRate, alpha, observed));
  if (maxP99Ms !== undefined) verdicts.push(limitP99(maxP99Ms, alpha, observed));
  if (maxP99Increase !== undefined && compared) {
    verdicts.push(limitP99Increase(maxP99Increase, alpha, observed.stage));
  }
  for (const query of queries) verdicts.push(limitQuery(query, observed.queries.get(query.name)));
  if (needsRequests(plan.checks)) verdicts.push(haveEnough(minimumRequests, observed.stage, compared));
  return verdicts;
}

function limitErrors(limit: number, alpha: number, { stage, window }: MeasuredObservations): Verdict {
  const count = ({ in: arm }: ObservedArms) => ({ failures: failuresOf(arm), requests: requestsOf(arm) });
  const counts = { stage: count(stage), window: count(window) };
  const measured = counts.stage.requests > 0 ? counts.stage.failures / counts.stage.requests : undefined;
  return { check: 'maxErrorRate', limit, measured, ...limitShare(limit, alpha, counts) };
}

function haveEnough(limit: number, arms: ObservedArms, compared: boolean): Verdict {
  const measured = compared ? Math.min(requestsOf(arms.in), requestsOf(arms.out)) : requestsOf(arms.in);
  return { check: 'minimumRequests', result: measured < limit ? 'inconclusive' : 'pass', limit, measured };
}
