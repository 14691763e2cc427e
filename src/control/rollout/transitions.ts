import type { WatchedSchedule } from '../../flags/flag-definition.js';
import {
  enterStage,
  type PausedRollout,
  type RolloutProgress,
  type RunningRollout,
} from '../../flags/rollout-progress.js';
import { showName } from '../../flags/show-value.js';

/** What a change of a rollout by a person starts from. */
export interface Standing {
  readonly flagKey: string;
  /** The rollout's in the document. */
  readonly seed: string;
  readonly plan: WatchedSchedule;
  /** `undefined`: it has not begun. */
  readonly progress: RolloutProgress | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Who changes it, and why. */
export interface Said {
  readonly by: string;
  readonly reason: string;
}

/** Where a rollout is to begin: a stage by its number, from 1, or by its share in percent. Default: the first. */
export interface RestartPlace {
  readonly stage?: number | undefined;
  readonly percentage?: number | undefined;
}

/** Every function here is a change by a person. It gives the progress afterwards. @throws Error if it can't be done now. */
type Transition = (standing: Standing, said: Said) => RolloutProgress;

/** Served as it is, and not judged until it is resumed. */
export const pause: Transition = (standing, { by, reason }) => {
  const { status, ...running } = expectStatus(standing, 'pause', 'running');
  return { ...running, status: 'paused', by, reason, at: standing.now };
};

/** Judged again, by windows that begin now. */
export const resume: Transition = (standing, { by }) => {
  const { reason, at, ...paused } = expectStatus(standing, 'resume', 'paused');
  return { ...paused, status: 'running', by, judgedUntil: standing.now, dataUntil: standing.now };
};

/** Lets it leave a stage that waits for approval, once everything else speaks for it. */
export const approve: Transition = (standing, { by }) => {
  const progress = expectStage(standing, 'approve');
  if (standing.plan.stages[progress.stage]?.approval !== true) {
    throw refusal(standing, `stage ${progress.stage + 1} needs no approval`);
  }
  return { ...progress, approvedBy: by };
};

/** Goes to the next stage at once, whatever the checks say. */
export const promote: Transition = (standing, { by }) => {
  const { stage } = standing.progress === undefined ? { stage: 0 } : expectStage(standing, 'promote');
  return enter(standing, by, stage + 1);
};

/** Goes to a stage at once, by its number from 1. */
export const jump = (standing: Standing, { by }: Said, stage: number): RolloutProgress => {
  if (standing.progress !== undefined) expectStage(standing, 'jump');
  return enter(standing, by, indexOf(standing, { stage }));
};

/** Served to nobody. */
export const rollBack: Transition = (standing, { by, reason }) => {
  const { seed, progress, plan, now } = standing;
  if (progress?.status === 'rolled-back') throw refusal(standing, 'it is rolled back already');
  const stage = progress === undefined ? 0 : progress.status === 'completed' ? plan.stages.length - 1 : progress.stage;
  return { status: 'rolled-back', seed, by, stage, reason, at: now, restsUntil: now + plan.checks.cooldownMs };
};

/**
 * Begins again, from wherever it stands.
 * @param force also while it rests after a rollback
 */
export const restart = (
  standing: Standing,
  { by }: Said,
  { force = false, ...place }: RestartPlace & { readonly force?: boolean | undefined },
): RolloutProgress => {
  const { progress, now } = standing;
  if (progress?.status === 'rolled-back' && now < progress.restsUntil && !force) {
    const until = new Date(progress.restsUntil).toISOString();
    throw refusal(standing, `it rests until ${until} (cooldownMinutes). Pass \`force: true\` to start it all the same`);
  }
  return enter(standing, by, indexOf(standing, place));
};

function enter({ plan, seed, now }: Standing, by: string, stage: number): RolloutProgress {
  const entered = plan.stages[stage];
  // The last one, mostly without a time of its own, is all there is to reach.
  if (entered?.durationMs === undefined) return { status: 'completed', seed, by, at: now };
  return enterStage({ seed, by }, stage, now, entered.percentage);
}

function indexOf(standing: Standing, { stage, percentage }: RestartPlace): number {
  const { stages } = standing.plan;
  const shares = stages.map((one) => `${one.percentage} %`).join(', ');
  if (percentage !== undefined) {
    const index = stages.findIndex((one) => one.percentage === percentage);
    if (index === -1) throw refusal(standing, `it has no stage of ${percentage} %. Its stages are ${shares}`);
    return index;
  }
  if (stage === undefined) return 0;
  if (stages[stage - 1] === undefined) {
    throw refusal(standing, `it has no stage ${stage}. Its stages are 1 to ${stages.length}: ${shares}`);
  }
  return stage - 1;
}

function expectStage(standing: Standing, what: string): RunningRollout | PausedRollout {
  const { progress } = standing;
  if (progress?.status === 'running' || progress?.status === 'paused') return progress;
  throw refusal(standing, needs(standing, what, 'running or paused'));
}

function expectStatus<Status extends 'running' | 'paused'>(
  standing: Standing,
  what: string,
  status: Status,
): Extract<RolloutProgress, { status: Status }> {
  const { progress } = standing;
  if (progress?.status === status) return progress as Extract<RolloutProgress, { status: Status }>;
  throw refusal(standing, needs(standing, what, status));
}

function needs({ progress }: Standing, what: string, expected: string): string {
  const status = progress?.status.replace('-', ' ') ?? 'not begun';
  const isOver = status !== 'running' && status !== 'paused';
  return `\`${what}\` needs one that is ${expected}, and it is ${status}${isOver ? '. `restart` begins it' : ''}`;
}

function refusal({ flagKey }: Standing, why: string): Error {
  return new Error(`The rollout of ${showName(flagKey)} stays where it is: ${why}.`);
}
