import { ROLLOUT_CONTROLLER } from '../../../flags/rollout-progress.js';
import { showError } from '../../../flags/show-value.js';
import type { RolloutEvent } from '../../../runtime/events.js';
import type { Runtime } from '../../../runtime/runtime.js';
import { STAGE_TIME } from '../judge/judge.js';
import type { RolloutControllerOptions } from '../controller-options.js';
import type { RolloutDecision } from '../rollout-decision.js';
import { describeDecision, describeTrip, type NotifyRollout, type RolloutNotice } from './rollout-notice.js';

const MINUTE_MS = 60_000;

interface TellerOptions extends Pick<RolloutControllerOptions, 'notify' | 'holdMinutes'> {
  readonly instance: string;
}

/** What else is known when something was decided. */
interface Circumstances {
  /** The decision before, of the same rollout. */
  readonly former: RolloutDecision | undefined;
  readonly now: number;
  /** When its stage's own time would have let it move on, in milliseconds since the epoch: also under a former leader. */
  readonly couldMoveOnAt: number;
}

/** Tells people what happens to rollouts, each thing once. */
export class RolloutTeller {
  readonly #runtime: Runtime;
  readonly #notify: readonly NotifyRollout[];
  readonly #holdMs: number;
  readonly #instance: string;
  readonly #isLeading: () => boolean;
  readonly #endings: readonly (() => void)[];
  /** Since when each rollout has been held for a reason that its stage's time is none of, by flag key. */
  readonly #heldSince = new Map<string, { readonly from: number; readonly since: number; isTold: boolean }>();

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
      this.#heldSince.delete(flagKey);
      if (isNews || !decision.isDryRun) this.#sendDecision(action, decision);
      return;
    }
    if (alarm !== undefined && former?.alarm === undefined)
      this.#send({ type: 'alarm', flagKey, text: `${flagKey}: ${alarm}.`, decision });
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

  #noteHold(decision: RolloutDecision, { now, couldMoveOnAt }: Circumstances): void {
    const { flagKey, from, reason } = decision;
    // Its own time, and a look that came too early, are no trouble.
    if (decision.action === 'wait') return;
    if (reason === STAGE_TIME) this.#heldSince.delete(flagKey);
    else {
      const known = this.#heldSince.get(flagKey);
      const held = known?.from === from ? known : { from, since: Math.min(now, couldMoveOnAt), isTold: false };
      this.#heldSince.set(flagKey, held);
      if (held.isTold || now - held.since < this.#holdMs) return;
      held.isTold = true;
      const minutes = Math.floor((now - held.since) / MINUTE_MS);
      this.#send({
        type: 'hold',
        flagKey,
        text: `For ${minutes} minutes now: ${describeDecision(decision)}`,
        decision,
      });
    }
  }

  #sendDecision(type: 'start' | 'promote' | 'rollback' | 'complete', decision: RolloutDecision): void {
    const { flagKey } = decision;
    const text = describeDecision(decision);
    this.#runtime.logger[type === 'rollback' ? 'warn' : 'info']({ flagKey, decision }, text);
    this.#send({ type, flagKey, text, decision });
  }

  /** What the controller itself does is told with its reasons. */
  #tellChange({ flagKey, percentage, progress }: RolloutEvent): void {
    if (!this.#isLeading() || progress.by === ROLLOUT_CONTROLLER) return;
    const status = progress.status.replace('-', ' ');
    const text = `${progress.by} changed the rollout of ${flagKey}: it is ${status}, at ${percentage} %.`;
    this.#send({ type: 'changed', flagKey, text });
  }

  #send(notice: Omit<RolloutNotice, 'at' | 'instance'>): void {
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
