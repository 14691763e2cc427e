import { RolloutControls } from '../../control/rollout/rollout-controls.js';
import type { RolloutStatus } from '../../control/rollout/rollouts.js';
import type { Answer } from '../answer.js';
import { CommandError } from '../command-error.js';
import { EXIT } from '../exit-code.js';
import { flagOf } from '../served-flags.js';
import type { Terminal } from '../terminal.js';
import { controlling } from './control-room.js';
import { type ChangeWords, makeChange, type Said } from './make-change.js';
import { standingNotes } from './standing-notes.js';
import type { WriteOptions } from './write-options.js';

/** What a person does with a watched rollout. */
export interface RolloutStep {
  /** As the command line says it, e.g. `--stage 3`. */
  readonly name: string;
  /** As a sentence says it: 'is paused'. */
  readonly done: string;
  /** Whether it stands there already, so that nothing is to be written. */
  readonly isSo: (progress: RolloutStatus['progress']) => boolean;
  readonly take: (controls: RolloutControls, said: Said) => Promise<RolloutStatus>;
}

/** Takes a step with a watched rollout. */
export async function steerRollout(
  key: string,
  step: RolloutStep,
  options: WriteOptions,
  terminal: Terminal,
): Promise<Answer> {
  return await makeChange(options, terminal, {
    reason: `halyard rollout ${key} ${step.name}`,
    change: (store, said) =>
      controlling(store, terminal.now, async ({ runtime, rollouts, failure }): Promise<ChangeWords> => {
        const { served } = runtime;
        if (served === undefined) throw failure ?? new CommandError(EXIT.store, `${store.name} holds no flags.`);
        flagOf({ served, runtime }, key);
        const controls = new RolloutControls(rollouts, key);
        const status = await refusing(async () =>
          step.isSo(controls.status.progress) ? controls.status : await step.take(controls, said),
        );
        return {
          done: `The rollout of ${key} ${step.done}, ${placeOf(status)}.`,
          already: `The rollout of ${key} ${step.done} already, ${placeOf(status)}.`,
          notes: standingNotes(key, store.stored, terminal.now()),
        };
      }),
  });
}

function placeOf({ percentage, stages }: RolloutStatus): string {
  return `at ${percentage} % (its stages: ${stages.map((share) => `${share} %`).join(', ')})`;
}

/** What can't be done with a rollout now is no failure of the store. */
async function refusing(take: () => Promise<RolloutStatus>): Promise<RolloutStatus> {
  try {
    return await take();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error.name === 'RolloutMovedError') throw new CommandError(EXIT.conflict, error.message, { cause: error });
    // The plain ones are those of the transitions; they have no name of their own.
    if (error.name === 'Error') throw new CommandError(EXIT.problems, error.message, { cause: error });
    throw error;
  }
}
