import type { WatchedSchedule } from '../../../flags/flag-definition.js';
import type { WrittenRollout } from '../../../flags/flag-document.js';
import { parseFlagDocument } from '../../../flags/parse-flag-document.js';
import { FlagDocumentError } from '../../../flags/problem.js';
import { type RunningRollout, startRollout } from '../../../flags/rollout-progress.js';
import { checkOptions, isPositive, type OptionChecks } from '../../../options/check-options.js';
import { createRandom } from '../../../statistics/random.js';
import { checkService } from './check-service.js';
import { judge, type Judgement } from '../judge/judge.js';
import type { QueryResult } from '../judge/observations.js';
import { createServiceModel, type ServiceModel, type SimulatedService } from './simulated-service.js';

export interface SimulationOptions {
  /** Runs with the same seed are the same, on every machine: a whole number. Default: 1. */
  readonly seed?: number | undefined;
  /** How often the rollout is judged. Default: 60. */
  readonly secondsPerLook?: number | undefined;
  /** When to give up on a rollout that neither ends nor fails. Default: 720, a month. */
  readonly hours?: number | undefined;
}

/** How a rollout went. */
export interface SimulatedRollout {
  /** `unfinished`: it was still held when the simulation ended. */
  readonly outcome: 'completed' | 'rolled-back' | 'unfinished';
  /** From the start to the outcome. */
  readonly minutes: number;
  /** Why it was rolled back, or is held. */
  readonly reason: string;
  /** The stages that were served, and when they began. */
  readonly stages: readonly { readonly percentage: number; readonly atMinute: number }[];
  /** How many units met at least one failure that only the change made; expected, so it may be a fraction. */
  readonly unitsHarmed: number;
  /** How many such failures there were; expected too. */
  readonly failuresCaused: number;
  /** How the checks stood at the last look. */
  readonly last: Judgement;
}

const optionChecks: OptionChecks<SimulationOptions> = {
  seed: { allowed: 'a whole number', isRight: Number.isSafeInteger },
  secondsPerLook: { allowed: 'a number of seconds above 0', isRight: isPositive },
  hours: { allowed: 'a number of hours above 0', isRight: isPositive },
};

/**
 * Tries a watched rollout on a made-up service, with the same judge that would watch the real one, a clock that is moved by
 * hand, and requests that are drawn look by look. A week with a look every minute takes some tens of milliseconds. Approvals are
 * given at once; own `queries` give no number, and are left out.
 * @param rollout as in a flag document: `{ stages, checks }`
 * @throws FlagDocumentError if the rollout is wrong; TypeError if anything else is
 */
export function simulateRollout(
  rollout: WrittenRollout,
  service: SimulatedService,
  options: SimulationOptions = {},
): SimulatedRollout {
  checkOptions('simulateRollout', options, optionChecks);
  checkService(service);
  const { seed = 1, secondsPerLook = 60, hours = 720 } = options;
  const model = createServiceModel(service, secondsPerLook, createRandom(seed));
  return run(planOf(rollout), model, { lookMs: secondsPerLook * 1000, untilMs: hours * HOUR_MS });
}

function planOf(rollout: WrittenRollout): WatchedSchedule {
  // Which variants the flag has is no matter here.
  const simulated = { rollout: { ...rollout, variant: undefined, otherwise: undefined } };
  const { flags, problems } = parseFlagDocument({ version: 1, flags: { simulated } });
  if (problems.some(({ severity }) => severity === 'error')) throw new FlagDocumentError(problems);
  const outcome = flags.get('simulated')?.outcome;
  const schedule = outcome?.type === 'rollout' ? outcome.rollout.schedule : undefined;
  if (schedule?.type !== 'watched') {
    throw new TypeError('simulateRollout: the rollout has no checks, so nothing watches it. Add `checks: {}`.');
  }
  return { ...schedule, start: -Infinity, checks: { ...schedule.checks, queries: [] } };
}

/** From the first stage on, at time 0. */
function run(
  plan: WatchedSchedule,
  model: ServiceModel,
  { lookMs, untilMs }: { readonly lookMs: number; readonly untilMs: number },
): SimulatedRollout {
  let progress: RunningRollout = { ...startRollout('simulated', 'simulation', 0), approvedBy };
  const stages: { readonly percentage: number; readonly atMinute: number }[] = [];
  const serve = (stage: number, now: number): void => {
    const percentage = plan.stages[stage]?.percentage ?? 0;
    stages.push({ percentage, atMinute: now / MINUTE_MS });
    model.enterStage(percentage);
  };
  serve(0, 0);
  for (let now = lookMs; ; now += lookMs) {
    const observations = { type: 'measured', from: progress.since, until: now, queries, ...model.look() } as const;
    const last = judge(plan, progress, observations, now);
    const after = last.progress;
    if (after.status !== 'running' || now >= untilMs) {
      const { units, failures } = model.harm();
      const outcome = after.status === 'completed' || after.status === 'rolled-back' ? after.status : 'unfinished';
      const minutes = now / MINUTE_MS;
      return { outcome, minutes, reason: last.reason, stages, unitsHarmed: units, failuresCaused: failures, last };
    }
    if (after.stage !== progress.stage) serve(after.stage, now);
    progress = after.stage === progress.stage ? after : { ...after, approvedBy };
  }
}

const approvedBy = 'simulation';
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

const queries: ReadonlyMap<string, QueryResult> = new Map();
