import { percentageOf } from '../../evaluation/served-share.js';
import type { WatchedSchedule } from '../../flags/flag-definition.js';
import {
  enterStage,
  ROLLOUT_CONTROLLER,
  type RolloutProgress,
  type RunningRollout,
} from '../../flags/rollout-progress.js';
import { sameJson } from '../../flags/same-json.js';
import { showName } from '../../flags/show-value.js';
import { type Lease, LeaseLostError } from '../../stores/lease-register.js';
import type { HealthSource } from './health/health-source.js';
import type { Judgement } from './judge/judge.js';
import type { RolloutDecision } from './rollout-decision.js';
import { isWorthWriting, lookAt, type Memory, resumeFrom } from './rollout-look.js';
import { RolloutMovedError, type Rollouts, type ServedRollout } from './rollouts.js';
import { describeDecision } from './telling/rollout-notice.js';
import type { RolloutTeller, StageTimes } from './telling/rollout-teller.js';

interface DeciderParts {
  readonly rollouts: Rollouts;
  readonly teller: RolloutTeller;
  readonly health: HealthSource;
  readonly windowMs: number;
  readonly isDryRun: boolean;
  readonly signal: AbortSignal;
}

/** What a judgement says, or what is done without one. */
type Deed = Pick<Judgement, 'reason' | 'verdicts' | 'progress' | 'alarm'> & {
  readonly action: RolloutDecision['action'];
};

/** Decides about one rollout after the other, and remembers what was not worth writing down. */
export class RolloutDecider {
  readonly #parts: DeciderParts;
  readonly #memories = new Map<string, Memory>();
  /** Flags that were off, or had no watched rollout, when rollouts were last looked at. */
  readonly #off = new Set<string>();

  constructor(parts: DeciderParts) {
    this.#parts = parts;
  }

  /** Another process has decided meanwhile. */
  forgetAll(): void {
    this.#memories.clear();
    this.#off.clear();
  }

  forget(flagKey: string): void {
    this.#memories.delete(flagKey);
  }

  /** Forgets rollouts that the document has taken out. Should one come back, its stage was not served meanwhile. */
  forgetGone(): void {
    const { rollouts } = this.#parts;
    for (const flagKey of this.#memories.keys()) {
      if (rollouts.find(flagKey) !== undefined) continue;
      this.#off.add(flagKey);
      this.forget(flagKey);
      rollouts.decisions.delete(flagKey);
    }
  }

  /**
   * One look at one rollout; `undefined`: it is not to be looked at now.
   * @param lease under which everything is written
   * @throws LeaseLostError, RolloutMovedError, or whatever the store says
   */
  async decide(served: ServedRollout, lease: Lease | undefined): Promise<RolloutDecision | undefined> {
    const { flag, rollout, isOff } = served;
    const { isDryRun, windowMs, health, signal, rollouts } = this.#parts;
    const { now, progress } = rollouts.standing(served);
    if (isOff) {
      // Without requests in, nothing can be said.
      this.#off.add(flag.key);
      return undefined;
    }
    const wasOff = this.#off.delete(flag.key);
    const memory = this.#memories.get(flag.key);
    if (progress === undefined && now < rollout.schedule.start) return undefined;
    if (progress === undefined && !isDryRun) return await this.#begin(served, now, lease);
    const written = progress ?? memory?.progress ?? this.#enter(served, 0, now);
    if (written.status !== 'running') return undefined;
    const again = isDryRun ? undefined : reasonToBeginAgain(written, wasOff, now + windowMs);
    if (again !== undefined) return await this.#beginAgain(served, written, { again, now, lease });
    const before = resumeFrom(written, memory, { now, windowMs });
    const judgement = await lookAt(served, before, { health, now, windowMs, signal });
    if (signal.aborted) return undefined;
    const decision = this.#decision(served, written, judgement, now);
    if (!isDryRun && isWorthWriting(before, judgement)) await this.#write(served, judgement.progress, decision, lease);
    const { progress: after } = judgement;
    const isServed = after.status === 'running' && (after.stage === before.stage || !isDryRun);
    if (isServed) this.#memories.set(flag.key, { progress: after, at: now });
    return this.#note(served, decision, written, now);
  }

  async #begin(served: ServedRollout, now: number, lease: Lease | undefined): Promise<RolloutDecision> {
    const progress = this.#enter(served, 0, now);
    const deed = { action: 'start', reason: 'it had not begun', verdicts: [], progress } as const;
    return await this.#do(served, progress, deed, now, lease);
  }

  /** Its stage's time begins anew: what went before says nothing about it. */
  async #beginAgain(
    served: ServedRollout,
    written: RunningRollout,
    { again, now, lease }: { readonly again: string; readonly now: number; readonly lease: Lease | undefined },
  ): Promise<RolloutDecision> {
    const { stage, approvedBy, percentage } = written;
    const progress = {
      ...enterStage({ seed: written.seed, by: ROLLOUT_CONTROLLER }, stage, now, percentage),
      approvedBy,
    };
    return await this.#do(served, written, { action: 'hold', reason: again, verdicts: [], progress }, now, lease);
  }

  async #do(
    served: ServedRollout,
    before: RolloutProgress,
    deed: Deed & { readonly progress: RunningRollout },
    now: number,
    lease: Lease | undefined,
  ): Promise<RolloutDecision> {
    const decision = this.#decision(served, before, deed, now);
    await this.#write(served, deed.progress, decision, lease);
    return this.#note(served, decision, deed.progress, now);
  }

  #enter({ rollout }: ServedRollout, stage: number, now: number): RunningRollout {
    const { seed, schedule } = rollout;
    return enterStage({ seed, by: ROLLOUT_CONTROLLER }, stage, now, schedule.stages[stage]?.percentage);
  }

  async #write(
    served: ServedRollout,
    progress: RolloutProgress,
    decision: RolloutDecision,
    lease: Lease | undefined,
  ): Promise<void> {
    const { rollouts, teller } = this.#parts;
    const { flagKey } = decision;
    if (!sameJson(rollouts.find(flagKey)?.rollout, served.rollout)) {
      throw new RolloutMovedError(`The document says something else about the rollout of ${showName(flagKey)} by now.`);
    }
    const options = { by: ROLLOUT_CONTROLLER, reason: describeDecision(decision), ...(lease && { lease }) };
    try {
      await rollouts.write(rollouts.standing(served), progress, options);
      teller.written(flagKey);
    } catch (error) {
      if (!isOvertaken(error)) teller.notWritten(decision, error);
      throw error;
    }
  }

  /** @param running the stage that the decision is about */
  #note(
    { flag, rollout }: ServedRollout,
    decision: RolloutDecision,
    running: RunningRollout,
    now: number,
  ): RolloutDecision {
    const { rollouts, teller } = this.#parts;
    const former = rollouts.decisions.get(flag.key);
    const isSame =
      former?.action === decision.action && former.reason === decision.reason && former.from === decision.from;
    const noted = isSame ? { ...decision, at: former.at } : decision;
    rollouts.decisions.set(flag.key, noted);
    teller.tell(noted, { former, now, stage: timesOf(running, rollout.schedule) });
    return noted;
  }

  #decision(
    { flag, rollout }: ServedRollout,
    before: RolloutProgress,
    { action, reason, verdicts, progress, alarm }: Deed,
    at: number,
  ): RolloutDecision {
    const { schedule } = rollout;
    const [from, to] = [percentageOf(schedule, before), percentageOf(schedule, progress)];
    return { flagKey: flag.key, action, reason, verdicts, from, to, at, alarm, isDryRun: this.#parts.isDryRun };
  }
}

/** Somebody else decides, or has decided. */
export function isOvertaken(error: unknown): error is Error {
  return error instanceof LeaseLostError || error instanceof RolloutMovedError;
}

/** Why a stage must be served from now on as if it had just begun. */
function reasonToBeginAgain({ since }: RunningRollout, wasOff: boolean, latest: number): string | undefined {
  if (wasOff) return 'the flag was off, or without this rollout, so its stage begins again';
  return since > latest ? 'its stage would begin later than now: some clock was wrong, so it begins again' : undefined;
}

function timesOf({ since, stage }: RunningRollout, { stages }: WatchedSchedule): StageTimes {
  return { since, couldMoveOnAt: since + (stages[stage]?.durationMs ?? 0) };
}
