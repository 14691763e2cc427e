import { Command } from 'commander';
import { setEnabled } from '../changes/set-enabled.js';
import { type WriteOptions, withWriteOptions } from '../changes/write-options.js';
import { withExamples } from '../examples.js';
import { answering, type Session } from '../session.js';

export function enableCommand(session: Session): Command {
  const command = new Command('enable')
    .summary('let a flag serve by its rules again')
    .description('Sets `enabled: true`: the flag serves by its targets, rules and rollout again. A kill stays.')
    .argument('<flag>', 'its key');
  withWriteOptions(command);
  withExamples(command, { 'halyard enable new-checkout': 'serve by its rules' });
  return answering(command, session, (key: string, options: WriteOptions) =>
    setEnabled(key, true, options, session.terminal),
  );
}
