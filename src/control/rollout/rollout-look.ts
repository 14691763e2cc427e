import type { RunningRollout } from '../../flags/rollout-progress.js';
import type { HealthSource } from './health/health-source.js';
import { judge, type Judgement } from './judge/judge.js';
import type { ServedRollout } from './rollouts.js';
import { isWatched } from './judge/stages.js';

/** How many windows may go by between two looks before what nobody looked at counts as unknown. */
const LONGEST_GAP = 3;

/** What a look at one rollout remembers for the next, though it was not worth writing down. */
export interface Memory {
  readonly progress: RunningRollout;
  /** When it was looked at, in milliseconds since the epoch. */
  readonly at: number;
}

export interface LookOptions {
  readonly health: HealthSource;
  readonly now: number;
  readonly windowMs: number;
  readonly signal: AbortSignal;
}

/** Measures a running rollout and judges it. Writes nothing. */
export async function lookAt(
  { flag, rollout }: Pick<ServedRollout, 'flag' | 'rollout'>,
  progress: RunningRollout,
  { health, now, windowMs, signal }: LookOptions,
): Promise<Judgement> {
  const { schedule: plan } = rollout;
  const stage = plan.stages[progress.stage];
  if (stage === undefined || !isWatched(stage, plan.checks)) {
    // Nothing is measured there: time alone decides, or a person.
    return judge(plan, progress, { type: 'failed', until: now, error: 'nothing was measured' }, now);
  }
  const { since } = progress;
  const { checks } = plan;
  const observations = await health.look({ flagKey: flag.key, since, now, windowMs, checks, signal });
  return judge(plan, progress, observations, now);
}

/**
 * Where a look goes on from: what was written, with what the last look of this process knew besides. After a pause, as when
 * this process has only just taken over, windows that nobody looked at don't count as windows without data.
 */
export function resumeFrom(
  written: RunningRollout,
  memory: Memory | undefined,
  { now, windowMs }: Pick<LookOptions, 'now' | 'windowMs'>,
): RunningRollout {
  const isKnown = memory !== undefined && isSameStage(memory.progress, written);
  const known = isKnown ? withMemory(written, memory.progress) : written;
  const isGap = !isKnown || now - memory.at > LONGEST_GAP * windowMs || now < memory.at;
  const dataUntil = isGap ? Math.max(known.dataUntil, now - windowMs) : known.dataUntil;
  // What some clock has put into the future must not keep it from being judged.
  return { ...known, judgedUntil: Math.min(known.judgedUntil, now), dataUntil: Math.min(dataUntil, now) };
}

function withMemory(written: RunningRollout, known: RunningRollout): RunningRollout {
  const { judgedUntil, dataUntil, failures, failedMeasurements } = known;
  return {
    ...written,
    // A person who resumed it has moved these on.
    judgedUntil: Math.max(judgedUntil, written.judgedUntil),
    dataUntil: Math.max(dataUntil, written.dataUntil),
    failures,
    failedMeasurements,
  };
}

function isSameStage(a: RunningRollout, b: RunningRollout): boolean {
  return a.seed === b.seed && a.stage === b.stage && a.since === b.since;
}

/** Whether the next look, by whoever makes it, must know of this one. */
export function isWorthWriting(before: RunningRollout, { action, progress }: Judgement): boolean {
  if (action !== 'hold' && action !== 'wait') return true;
  return progress.status === 'running' && !isSameCount(before.failures, progress.failures);
}

function isSameCount(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean {
  return a.size === b.size && Array.from(a).every(([check, count]) => b.get(check) === count);
}
