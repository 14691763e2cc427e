import { Command } from 'commander';
import type { Answer } from '../answer.js';
import { controlling } from '../changes/control-room.js';
import { makeChange } from '../changes/make-change.js';
import { parsePercentage } from '../changes/percentage-text.js';
import { standingNotes } from '../changes/standing-notes.js';
import { type WriteOptions, withWriteOptions } from '../changes/write-options.js';
import { withExamples } from '../examples.js';
import { unknownFlag } from '../served-flags.js';
import { answering, type Session } from '../session.js';
import type { Terminal } from '../terminal.js';

interface RestoreOptions extends WriteOptions {
  readonly rollout?: string;
}

export function restoreCommand(session: Session): Command {
  const command = new Command('restore')
    .summary('end a kill, and close a tripped breaker')
    .description(
      'Ends a kill, and closes a breaker that tripped for the whole fleet. The flag serves by its rules again.',
    )
    .argument('<flag>', 'its key')
    .option('--rollout <percentage>', 'start again with this share of its units');
  withWriteOptions(command);
  withExamples(command, {
    'halyard restore payments --reason "INC-42 is fixed"': 'as it was before',
    'halyard restore payments --rollout 5': 'carefully',
  });
  return answering(command, session, (key: string, options: RestoreOptions) => restore(key, options, session.terminal));
}

async function restore(key: string, options: RestoreOptions, terminal: Terminal): Promise<Answer> {
  const rollout = options.rollout === undefined ? undefined : parsePercentage('--rollout', options.rollout);
  return await makeChange(options, terminal, {
    reason: `halyard restore ${key}`,
    change: (store, said) =>
      controlling(store, terminal.now, async ({ runtime, killSwitch, failure }) => {
        const parsed = runtime.served?.parsed;
        const isKnown = failure !== undefined || parsed?.flags.has(key) === true || parsed?.refused.has(key) === true;
        if (!isKnown && !runtime.state.kills.has(key) && !runtime.state.trips.has(key)) {
          throw unknownFlag(key, [...(parsed?.flags.keys() ?? []), ...runtime.state.kills.keys()], store.name);
        }
        await killSwitch.restore(key, { ...said, rollout });
        return {
          done: `${key} serves by its rules again${rollout === undefined ? '' : `, with ${rollout} % rolled out`}.`,
          already: `${key} isn't killed, and no breaker is open for it.`,
          notes: failure === undefined ? standingNotes(key, store.stored, terminal.now()) : [],
        };
      }),
  });
}
