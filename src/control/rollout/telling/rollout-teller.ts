import { ROLLOUT_CONTROLLER } from '../../../flags/rollout-progress.js';
import { showError } from '../../../flags/show-value.js';
import type { RolloutEvent } from '../../../runtime/events.js';
import type { Runtime } from '../../../runtime/runtime.js';
import { APPROVAL, SMALL_SAMPLE, STAGE_TIME } from '../judge/judge.js';
import type { RolloutControllerOptions } from '../controller-options.js';
import type { RolloutDecision } from '../rollout-decision.js';
import { describeDecision, describeTrip, type NotifyRollout, type RolloutNotice, sentence } from './rollout-notice.js';

const MINUTE_MS = 60_000;

interface TellerOptions extends Pick<RolloutControllerOptions, 'notify' | 'holdMinutes'> {
  readonly instance: string;
}

/** What else is known when something was decided. */
interface Circumstances {
  /** The decision before, of the same rollout. */
  readonly former: RolloutDecision | undefined;
  readonly now: number;
  readonly stage: StageTimes;
}

/** Of the stage that is served, in milliseconds since the epoch. */
export interface StageTimes {
  readonly since: number;
  /** When its own time lets it move on. */
  readonly couldMoveOnAt: number;
}

/** How a rollout is held, for a reason that its stage's time is none of. */
interface Held {
  /** Since when the stage is served in which it is held. */
  readonly stage: number;
  readonly since: number;
  isTold: boolean;
  /** A person was asked to approve. */
  isAsked: boolean;
}

/** Tells people what happens to rollouts, each thing once. */
export class RolloutTeller {
  readonly #runtime: Runtime;
  readonly #notify: readonly NotifyRollout[];
  readonly #holdMs: number;
  readonly #instance: string;
  readonly #isLeading: () => boolean;
  readonly #endings: readonly (() => void)[];
  /** By flag key. */
  readonly #held = new Map<string, Held>();
  /** Rollouts that alarms were told of, until all is well again. */
  readonly #unwritten = new Set<string>();
  readonly #unwatched = new Set<string>();

  constructor(runtime: Runtime, { notify = [], holdMinutes = 60, instance }: TellerOptions, isLeading: () => boolean) {
    this.#runtime = runtime;
    this.#notify = typeof notify === 'function' ? [notify] : notify;
    this.#holdMs = holdMinutes * MINUTE_MS;
    this.#instance = instance;
    this.#isLeading = isLeading;
    const { listeners } = runtime;
    this.#endings = [
      listeners.on('rollout', (event) => this.#tellChange(event)),
      // Each instance tells of its own breakers, whoever leads.
      listeners.on('trip', ({ flagKey, ...trip }) => {
        if (trip.evidence.cause !== 'probe')
          this.#send({ type: 'trip', flagKey, text: describeTrip(flagKey, trip), trip });
      }),
    ];
  }

  tell(decision: RolloutDecision, circumstances: Circumstances): void {
    const { flagKey, action, alarm } = decision;
    const { former } = circumstances;
    this.#unwatched.delete(flagKey);
    const isNews = former?.action !== action || former.from !== decision.from || former.to !== decision.to;
    if (action !== 'hold' && action !== 'wait') {
      this.#held.delete(flagKey);
      if (isNews || !decision.isDryRun) this.#sendDecision(action, decision);
      return;
    }
    if (alarm !== undefined && former?.alarm === undefined)
      this.#send({ type: 'alarm', flagKey, text: sentence(`${flagKey}: ${alarm}`), decision });
    this.#noteHold(decision, circumstances);
  }

  /** What was decided could not be written. That is told once, until something can be. */
  notWritten(decision: RolloutDecision, error: unknown): void {
    const { flagKey } = decision;
    if (this.#unwritten.has(flagKey)) return;
    this.#unwritten.add(flagKey);
    const text = `This could not be written, and is tried again: ${describeDecision(decision)} ${showError(error)}`;
    this.#send({ type: 'alarm', flagKey, text, decision });
  }

  written(flagKey: string): void {
    this.#unwritten.delete(flagKey);
  }

  /** Nobody could look at a running rollout for so long, in milliseconds. */
  noteUnwatched(flagKey: string, forMs: number, why: string): void {
    if (forMs < this.#holdMs || this.#unwatched.has(flagKey)) return;
    this.#unwatched.add(flagKey);
    const minutes = Math.floor(forMs / MINUTE_MS);
    this.#send({ type: 'alarm', flagKey, text: `For ${minutes} minutes nobody has looked at ${flagKey}: ${why}` });
  }

  close(): void {
    for (const end of this.#endings) end();
  }

  #noteHold(decision: RolloutDecision, { now, stage }: Circumstances): void {
    const { flagKey, reason } = decision;
    // A look that came too early is no trouble.
    if (decision.action === 'wait') return;
    // Nor is its own time, nor a sample that has that time to grow.
    if (reason === STAGE_TIME || (reason === SMALL_SAMPLE && now < stage.couldMoveOnAt)) {
      this.#held.delete(flagKey);
      return;
    }
    const held = this.#heldIn(stage, flagKey, now);
    if (reason === APPROVAL && !held.isAsked) {
      held.isAsked = true;
      this.#send({ type: 'approval', flagKey, text: describeDecision(decision), decision });
    }
    if (held.isTold || now - held.since < this.#holdMs) return;
    held.isTold = true;
    const minutes = Math.floor((now - held.since) / MINUTE_MS);
    const text = `For ${minutes} minutes now: ${describeDecision(decision)}`;
    this.#send({ type: 'hold', flagKey, text, decision });
  }

  #heldIn({ since, couldMoveOnAt }: StageTimes, flagKey: string, now: number): Held {
    const known = this.#held.get(flagKey);
    if (known?.stage === since) return known;
    const held = { stage: since, since: Math.min(now, couldMoveOnAt), isTold: false, isAsked: false };
    this.#held.set(flagKey, held);
    return held;
  }

  #sendDecision(type: 'start' | 'promote' | 'rollback' | 'complete', decision: RolloutDecision): void {
    this.#send({ type, flagKey: decision.flagKey, text: describeDecision(decision), decision });
  }

  /** What the controller itself does is told with its reasons. */
  #tellChange({ flagKey, percentage, progress }: RolloutEvent): void {
    if (!this.#isLeading() || progress.by === ROLLOUT_CONTROLLER) return;
    const status = progress.status.replace('-', ' ');
    const why = 'reason' in progress ? `: ${progress.reason}` : '';
    const text = sentence(
      `${progress.by} changed the rollout of ${flagKey}: it is ${status}, at ${percentage} %${why}`,
    );
    this.#send({ type: 'changed', flagKey, text });
  }

  /** Also to the log, so that nobody needs a webhook to know. Breakers log their trips themselves. */
  #send(notice: Omit<RolloutNotice, 'at' | 'instance'>): void {
    const { type, text, ...fields } = notice;
    if (type !== 'trip') this.#runtime.logger[isTrouble[type] ? 'warn' : 'info'](fields, text);
    const whole = { ...notice, at: this.#runtime.clock.now(), instance: this.#instance };
    for (const notify of this.#notify) void this.#sendTo(notify, whole);
  }

  async #sendTo(notify: NotifyRollout, notice: RolloutNotice): Promise<void> {
    try {
      await notify(notice);
    } catch (error) {
      const { logger } = this.#runtime;
      logger.error(
        { err: error, flagKey: notice.flagKey },
        `Nobody was told of this: ${notice.text} ${showError(error)}`,
      );
    }
  }
}

const isTrouble: Readonly<Record<Exclude<RolloutNotice['type'], 'trip'>, boolean>> = {
  start: false,
  promote: false,
  complete: false,
  changed: false,
  approval: false,
  rollback: true,
  hold: true,
  alarm: true,
};
