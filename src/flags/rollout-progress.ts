/**
 * Where a watched rollout stands, as its controller keeps it in the state of the flag. Each state carries only what it
 * needs. All times are milliseconds since the epoch.
 */
export type RolloutProgress = RunningRollout | PausedRollout | RolledBackRollout | CompletedRollout;

/** What every state carries. */
interface RolloutProgressBase {
  /** The seed by which units were in or out: with another one this is another rollout, and has not begun. */
  readonly seed: string;
  /** Who brought the rollout into this state: a person, or {@link ROLLOUT_CONTROLLER}. */
  readonly by: string;
}

/** What is known of the stage that is served. */
interface StageProgress extends RolloutProgressBase {
  /** The index of the stage. */
  readonly stage: number;
  /** The share that it had when it was entered, in percent. If the document has a higher one by now, this one is served. */
  readonly percentage?: number;
  /** Since when it is served. Data that is older does not count. */
  readonly since: number;
  /** The end of the window that was judged last; `since` before the first one. */
  readonly judgedUntil: number;
  /** The end of the last window with requests in every arm; `since` before the first one. */
  readonly dataUntil: number;
  /** At how many looks in a row a limit has failed, by its name. A limit that holds is not there. */
  readonly failures: ReadonlyMap<string, number>;
  /** How many measurements have failed in a row. */
  readonly failedMeasurements: number;
  /** Who approved the next stage, where that is needed. */
  readonly approvedBy: string | undefined;
}

export interface RunningRollout extends StageProgress {
  readonly status: 'running';
}

/** Served like a running one, and not judged. */
export interface PausedRollout extends StageProgress {
  readonly status: 'paused';
  readonly reason: string;
  readonly at: number;
}

/** Served to nobody. */
export interface RolledBackRollout extends RolloutProgressBase {
  readonly status: 'rolled-back';
  /** The index of the stage that failed. */
  readonly stage: number;
  readonly reason: string;
  readonly at: number;
  /** Nobody may start it again before this. */
  readonly restsUntil: number;
}

/** Served at the last stage's share. */
export interface CompletedRollout extends RolloutProgressBase {
  readonly status: 'completed';
  readonly at: number;
}

/** Who did what no person did. */
export const ROLLOUT_CONTROLLER = 'halyard';

/** A rollout that begins now, at its first stage. */
export function startRollout(seed: string, by: string, now: number): RunningRollout {
  return enterStage({ seed, by }, 0, now);
}

/** A stage that begins at `since`, with the share that it has. */
export function enterStage(
  { seed, by }: { readonly seed: string; readonly by: string },
  stage: number,
  since: number,
  percentage?: number,
): RunningRollout {
  return {
    status: 'running',
    seed,
    by,
    stage,
    ...(percentage === undefined ? {} : { percentage }),
    since,
    judgedUntil: since,
    dataUntil: since,
    failures: noFailures,
    failedMeasurements: 0,
    approvedBy: undefined,
  };
}

const noFailures: ReadonlyMap<string, number> = new Map();
