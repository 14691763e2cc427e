import type { FlagDocument, WrittenFlag, WrittenRollout } from '../../flags/flag-document.js';
import type { FlagState } from '../../flags/flag-state.js';
import { setRollout } from '../../flags/set-rollout.js';
import type { Answer } from '../answer.js';
import { CommandError } from '../command-error.js';
import { EXIT } from '../exit-code.js';
import type { Terminal } from '../terminal.js';
import { makeChange } from './make-change.js';
import { standingNotes } from './standing-notes.js';
import type { WriteOptions } from './write-options.js';
import { writtenFlag } from './written-flags.js';

export interface PercentageOptions extends WriteOptions {
  /** Also where a plan is lost. */
  readonly force?: boolean;
}

/** Sets a flag's rollout to a fixed share. */
export async function setPercentage(
  key: string,
  percentage: number,
  options: PercentageOptions,
  terminal: Terminal,
): Promise<Answer> {
  return await makeChange(options, terminal, {
    reason: `halyard rollout ${key} ${percentage}`,
    change: async (store, said) => {
      const edit = (document: FlagDocument): FlagDocument => {
        const flag = writtenFlag(document, key, store.name);
        if (options.force !== true) expectNoPlan(key, flag, percentage);
        return isAt(flag, percentage) ? document : setRollout(document, key, percentage);
      };
      const stored = await store.update(edit, { ...said, state: (state) => withoutProgress(state, key) });
      return {
        done: `${key} is rolled out to ${percentage} %.`,
        already: `${key} is at ${percentage} % already.`,
        notes: standingNotes(key, stored, terminal.now()),
      };
    },
  });
}

const isAt = ({ rollout }: WrittenFlag, percentage: number): boolean =>
  typeof rollout === 'object' ? rollout.percentage === percentage : rollout === percentage;

/** A share that a person sets is nobody's to promote, and what was reached before means nothing to what follows. */
function withoutProgress(state: FlagState, key: string): FlagState {
  if (!state.rollouts.has(key)) return state;
  const rollouts = new Map(state.rollouts);
  rollouts.delete(key);
  return { ...state, rollouts };
}

/** @throws CommandError where a fixed share would take the place of a plan */
function expectNoPlan(key: string, { rollout }: WrittenFlag, percentage: number): void {
  if (typeof rollout !== 'object') return;
  const lost = (['curve', 'from', 'to', 'hours', 'start', 'stages', 'checks'] as const).filter(
    (name) => rollout[name] !== undefined,
  );
  if (lost.length === 0) return;
  throw new CommandError(
    EXIT.problems,
    `The rollout of ${key} ${planOf(rollout)}. To set ${percentage} % by hand would take its ${lost.map((name) => `\`${name}\``).join(', ')} out of the document${rollout.checks === undefined ? '' : ', and how far it has come out of the state'}. ${
      rollout.checks === undefined ? '' : `To steer it: halyard rollout ${key} --stage N, --pause or --rollback. `
    }To do it all the same: --force`,
  );
}

function planOf({ stages, checks, curve, from = 0, to = 100, hours }: WrittenRollout): string {
  const shares = stages?.map(({ percentage }) => `${percentage} %`).join(', ');
  if (checks !== undefined) return `is watched: its checks lead it through the stages ${shares ?? ''}`;
  if (curve !== undefined) return `follows a curve from ${from} % to ${to} % in ${hours ?? ''} hours`;
  return `follows a plan, through the stages ${shares ?? ''}`;
}
