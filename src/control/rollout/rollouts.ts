import type { CompiledFlag } from '../../evaluation/compiled-flag.js';
import { isKilled } from '../../evaluation/flag-situation.js';
import { percentageOf } from '../../evaluation/served-share.js';
import type { FlagDocument } from '../../flags/flag-document.js';
import { type FlagState, isSameProgress } from '../../flags/flag-state.js';
import { didYouMean } from '../../flags/nearest-word.js';
import type { RolloutProgress } from '../../flags/rollout-progress.js';
import { type WatchedRollout, watchedRolloutOf } from '../../flags/watched-rollout.js';
import { showName } from '../../flags/show-value.js';
import type { Runtime } from '../../runtime/runtime.js';
import { within } from '../../runtime/within.js';
import type { StoreFollower } from '../../runtime/store-follower.js';
import type { ChangeOptions, FlagStore } from '../../stores/flag-store.js';
import type { RolloutDecision } from './rollout-decision.js';
import type { Standing } from './transitions.js';

/** The key under which a Halyard carries its rollouts, also for another copy of this package. Not for applications. */
export const ROLLOUTS: unique symbol = Symbol.for('halyard.rollouts');

/** A lease that can't be given back soon ends by itself. */
const LONGEST_END_MS = 2_000;

/** How a watched rollout stands. */
export interface RolloutStatus {
  readonly flagKey: string;
  /** `waiting`: it has not begun. `off`: the flag is disabled or killed, so nobody is in whatever its stage says. */
  readonly status: 'waiting' | 'off' | RolloutProgress['status'];
  /** The share of units that are in now, in percent (0–100); what targets and rules serve comes on top. */
  readonly percentage: number;
  /** The shares of its stages, in percent. */
  readonly stages: readonly number[];
  /** Where it stands; `undefined`: it has not begun. Its `stage` counts from 0. */
  readonly progress: RolloutProgress | undefined;
  /** What the controller of this instance found at its last look, if it looked. */
  readonly decision: RolloutDecision | undefined;
}

/** A rollout of the flags that serve. */
export interface ServedRollout {
  readonly flag: CompiledFlag;
  readonly rollout: WatchedRollout;
  readonly progress: RolloutProgress | undefined;
  /** The flag is disabled or killed. */
  readonly isOff: boolean;
}

/** Somebody else changed the rollout first. */
export class RolloutMovedError extends Error {
  override readonly name = 'RolloutMovedError';
}

interface RolloutsParts {
  readonly runtime: Runtime;
  readonly store: FlagStore;
  readonly follower: StoreFollower;
}

/** The watched rollouts of the flags that serve: where they stand, and how that is changed. */
export class Rollouts {
  readonly runtime: Runtime;
  readonly store: FlagStore;
  readonly #follower: StoreFollower;
  readonly #endings = new Set<() => Promise<void>>();
  /** What the controller of this instance found, by flag key. */
  readonly decisions: Map<string, RolloutDecision> = new Map();
  /** Where they stood when listeners were last told; `undefined` before the first flags are served. */
  #told: FlagState['rollouts'] | undefined;

  constructor({ runtime, store, follower }: RolloutsParts) {
    this.runtime = runtime;
    this.store = store;
    this.#follower = follower;
    runtime.onClose(runtime.onServed(() => this.#tell()));
  }

  /** What ends with the Halyard, and may still need the store. Returns the function that takes it back. */
  onClose(end: () => Promise<void>): () => void {
    this.#endings.add(end);
    return () => this.#endings.delete(end);
  }

  /** Never rejects, and takes at most a moment. */
  async close(): Promise<void> {
    const endings = Promise.allSettled(Array.from(this.#endings, (end) => end()));
    await within(LONGEST_END_MS, endings).catch(() => undefined);
  }

  list(): readonly RolloutStatus[] {
    return Array.from(this.served(), (served) => this.#statusOf(served));
  }

  /** @throws Error if the flag has no watched rollout */
  status(flagKey: string): RolloutStatus {
    return this.#statusOf(this.expect(flagKey));
  }

  /** The flag's rollout; `undefined` if it has none that is watched. */
  find(flagKey: string): ServedRollout | undefined {
    const flag = this.runtime.evaluator.current.set.flags.get(flagKey);
    const rollout = watchedRolloutOf(flag?.definition);
    if (flag === undefined || rollout === undefined) return undefined;
    const progress = this.runtime.state.rollouts.get(flagKey);
    const isOff = flag.definition?.enabled === false || isKilled(flag.situation, this.runtime.clock.now());
    return { flag, rollout, progress: progress?.seed === rollout.seed ? progress : undefined, isOff };
  }

  /** @throws Error if the flag has no watched rollout */
  expect(flagKey: string): ServedRollout {
    const found = this.find(flagKey);
    if (found !== undefined) return found;
    const { flags } = this.runtime.evaluator.current.set;
    if (flags.get(flagKey)?.definition !== undefined) {
      throw new Error(
        `The flag ${showName(flagKey)} has no watched rollout: give its rollout \`stages\` and \`checks\`.`,
      );
    }
    const watched = Array.from(this.served(), ({ flag }) => flag.key);
    throw new Error(`No flag has the key ${showName(flagKey)}.${didYouMean(flagKey, watched)}`);
  }

  /** What a change of a rollout starts from. */
  standing({ flag, rollout, progress }: ServedRollout): Standing {
    const { key: flagKey } = flag;
    const { seed, schedule: plan } = rollout;
    return { flagKey, seed, plan, progress, now: this.runtime.clock.now() };
  }

  /**
   * Writes where a rollout stands, if it still stands at what the change started from, and serves it here.
   * @throws RolloutMovedError if it does not; LeaseLostError; whatever the store says
   */
  async write(
    { flagKey, seed, progress }: Pick<Standing, 'flagKey' | 'seed' | 'progress'>,
    next: RolloutProgress,
    options: ChangeOptions,
    editDocument?: (document: FlagDocument) => FlagDocument,
  ): Promise<string> {
    const state = (before: FlagState): FlagState => {
      const found = before.rollouts.get(flagKey);
      // Progress of another rollout, which had another seed, counts for nothing.
      if (!isSame(progress, found?.seed === seed ? found : undefined)) {
        throw new RolloutMovedError(`Somebody else has moved the rollout of ${showName(flagKey)} meanwhile.`);
      }
      return { ...before, rollouts: new Map(before.rollouts).set(flagKey, next) };
    };
    const stored =
      editDocument === undefined
        ? await this.store.updateState?.(state, options)
        : await this.store.update?.(editDocument, { ...options, state });
    if (stored === undefined) {
      throw new Error(`${this.store.name} can only be read. Do it where the flags are written.`);
    }
    await this.#follower.refresh();
    // Written, but not to be read now: then what was written holds.
    if (this.#follower.status !== 'ready') this.#follower.serveState(stored.state);
    return stored.version;
  }

  /** Those of the flags that serve now. */
  *served(): Generator<ServedRollout> {
    for (const key of this.runtime.evaluator.current.set.flags.keys()) {
      const served = this.find(key);
      if (served !== undefined) yield served;
    }
  }

  #statusOf({ flag, rollout, progress, isOff }: ServedRollout): RolloutStatus {
    const { schedule } = rollout;
    const now = this.runtime.clock.now();
    const waiting = now < schedule.start ? 0 : (schedule.stages[0]?.percentage ?? 0);
    const percentage = progress === undefined ? waiting : percentageOf(schedule, progress);
    return {
      flagKey: flag.key,
      status: isOff ? 'off' : (progress?.status ?? 'waiting'),
      percentage: isOff ? 0 : percentage,
      stages: schedule.stages.map((stage) => stage.percentage),
      progress,
      decision: this.decisions.get(flag.key),
    };
  }

  /** Tells listeners of rollouts that stand somewhere else than before. */
  #tell(): void {
    const before = this.#told;
    const { rollouts } = this.runtime.state;
    this.#told = rollouts;
    if (before === undefined) return;
    for (const [flagKey, progress] of rollouts) {
      if (isSamePlace(before.get(flagKey), progress)) continue;
      const served = this.find(flagKey);
      if (served?.progress === undefined) continue;
      const { percentage } = this.#statusOf(served);
      this.runtime.listeners.emit('rollout', { flagKey, percentage, progress });
    }
  }
}

function isSame(a: RolloutProgress | undefined, b: RolloutProgress | undefined): boolean {
  return a === undefined || b === undefined ? a === b : isSameProgress(a, b);
}

/** Whether listeners would see no difference. */
function isSamePlace(a: RolloutProgress | undefined, b: RolloutProgress): boolean {
  return a !== undefined && a.status === b.status && a.seed === b.seed && stageOf(a) === stageOf(b);
}

function stageOf(progress: RolloutProgress): number | undefined {
  return 'stage' in progress ? progress.stage : undefined;
}
