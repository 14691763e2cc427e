import type { Judgement } from './judge/judge.js';

/** What the controller decided at one look, and why. */
export interface RolloutDecision {
  readonly flagKey: string;
  /** `start`: it begins, at its first stage. The others: see {@link Judgement}. */
  readonly action: 'start' | Judgement['action'];
  readonly reason: string;
  /** How its checks stood; none where nothing was judged. */
  readonly verdicts: Judgement['verdicts'];
  /** The share of units in percent, before and after. */
  readonly from: number;
  readonly to: number;
  /** Since when, in milliseconds since the epoch, the controller has held for this reason, or when it decided. */
  readonly at: number;
  /** A person should know this, and it does not pass by itself. */
  readonly alarm: string | undefined;
  /** It is only what would have been done. */
  readonly isDryRun: boolean;
}
