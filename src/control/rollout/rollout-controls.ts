import type { FlagDocument } from '../../flags/flag-document.js';
import { showName } from '../../flags/show-value.js';
import type { RolloutProgress } from '../../flags/rollout-progress.js';
import {
  authorChecks,
  checkOptions,
  isBoolean,
  isText,
  isWholeNumber,
  type OptionChecks,
} from '../../options/check-options.js';
import type { RolloutStatus, Rollouts } from './rollouts.js';
import {
  approve,
  jump,
  pause,
  promote,
  restart,
  type RestartPlace,
  resume,
  rollBack,
  type Said,
  type Standing,
} from './transitions.js';

/** Who changes a rollout, and why: both go into the audit trail. */
export interface RolloutChange {
  readonly by: string;
  readonly reason: string;
}

export interface JumpOptions extends RolloutChange {
  /** The number of the stage, from 1. */
  readonly stage: number;
}

export interface RestartOptions extends RolloutChange, RestartPlace {
  /** Also while it rests after a rollback. Default: false. */
  readonly force?: boolean | undefined;
  /** Places units anew: it is written into the document as the rollout's seed. Default: the seed stays, and who was in is in first. */
  readonly seed?: string | undefined;
}

const stageCheck = { allowed: 'the number of a stage, from 1', isRight: isWholeNumber(1) };

const jumpChecks: OptionChecks<JumpOptions> = { ...authorChecks, stage: { ...stageCheck, isRequired: true } };

const restartChecks: OptionChecks<RestartOptions> = {
  ...authorChecks,
  stage: stageCheck,
  percentage: {
    allowed: "a stage's percentage, from 0 to 100",
    isRight: (value) => typeof value === 'number' && value >= 0 && value <= 100,
  },
  force: { allowed: 'true or false', isRight: isBoolean },
  seed: { allowed: 'a text that is not empty', isRight: isText },
};

/**
 * What people do with one watched rollout. Each change is written at once, with who and why, and resolves with how the
 * rollout then stands. Targets and rules go on serving as they are written, whatever becomes of the rollout.
 *
 * Every method rejects with TypeError for a wrong option, with Error where the rollout can't be changed so now or the store
 * can't be written, and with RolloutMovedError if somebody else was faster.
 */
export class RolloutControls {
  readonly flagKey: string;
  readonly #rollouts: Rollouts;

  constructor(rollouts: Rollouts, flagKey: string) {
    this.#rollouts = rollouts;
    this.flagKey = flagKey;
  }

  /** How it stands. @throws Error if the flag has no watched rollout */
  get status(): RolloutStatus {
    return this.#rollouts.status(this.flagKey);
  }

  /** Keeps it at its stage, unjudged: nothing promotes it or rolls it back. */
  pause(change: RolloutChange): Promise<RolloutStatus> {
    return this.#apply('pause', change, pause);
  }

  /** Lets a paused one go on. Its stage's time has gone on meanwhile. */
  resume(change: RolloutChange): Promise<RolloutStatus> {
    return this.#apply('resume', change, resume);
  }

  /** Lets it leave a stage with `approval: true`, as soon as time and checks allow that. */
  approve(change: RolloutChange): Promise<RolloutStatus> {
    return this.#apply('approve', change, approve);
  }

  /** Goes to the next stage now, whatever time and checks say. From the last but one it is complete. */
  promote(change: RolloutChange): Promise<RolloutStatus> {
    return this.#apply('promote', change, promote);
  }

  /** Goes to a stage now, whatever time and checks say; also back. */
  async jump(options: JumpOptions): Promise<RolloutStatus> {
    checkOptions('jump', options, jumpChecks);
    return await this.#write(options, (standing, who) => jump(standing, who, options.stage));
  }

  /** Serves it to nobody. Nothing but `restart` begins it again. */
  rollBack(change: RolloutChange): Promise<RolloutStatus> {
    return this.#apply('rollBack', change, rollBack);
  }

  /** Begins it again: at its first stage, or at another. It must not rest any more (`cooldownMinutes`). */
  async restart(options: RestartOptions): Promise<RolloutStatus> {
    checkOptions('restart', options, restartChecks);
    const { seed, stage, percentage, force } = options;
    if (stage !== undefined && percentage !== undefined) {
      throw new TypeError('restart: options `stage` and `percentage` say the same. Leave one of them out.');
    }
    const begin = (standing: Standing, who: Said): RolloutProgress => ({
      ...restart(standing, who, { stage, percentage, force }),
      ...(seed === undefined ? {} : { seed }),
    });
    const sow = seed === undefined ? undefined : withSeed(this.flagKey, seed);
    return await this.#write(options, begin, sow);
  }

  async #apply(
    name: string,
    change: RolloutChange,
    transition: (standing: Standing, who: Said) => RolloutProgress,
  ): Promise<RolloutStatus> {
    checkOptions(name, change, authorChecks);
    return await this.#write(change, transition);
  }

  async #write(
    { by, reason }: RolloutChange,
    transition: (standing: Standing, who: Said) => RolloutProgress,
    editDocument?: (document: FlagDocument) => FlagDocument,
  ): Promise<RolloutStatus> {
    const standing = this.#rollouts.standing(this.#rollouts.expect(this.flagKey));
    await this.#rollouts.write(standing, transition(standing, { by, reason }), { by, reason }, editDocument);
    return this.status;
  }
}

function withSeed(flagKey: string, seed: string): (document: FlagDocument) => FlagDocument {
  return (document) => {
    const flag = Object.hasOwn(document.flags, flagKey) ? document.flags[flagKey] : undefined;
    if (typeof flag?.rollout !== 'object') throw new Error(`${showName(flagKey)} has no watched rollout any more.`);
    return { ...document, flags: { ...document.flags, [flagKey]: { ...flag, rollout: { ...flag.rollout, seed } } } };
  };
}
