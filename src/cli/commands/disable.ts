import { Command } from 'commander';
import { setEnabled } from '../changes/set-enabled.js';
import { type WriteOptions, withWriteOptions } from '../changes/write-options.js';
import { withExamples } from '../examples.js';
import { answering, type Session } from '../session.js';

export function disableCommand(session: Session): Command {
  const command = new Command('disable')
    .summary('serve the off variant to everyone')
    .description(
      'Sets `enabled: false` in the document: the flag serves its off variant to everyone. In an emergency, `kill` is faster to undo and leaves the document alone.',
    )
    .argument('<flag>', 'its key');
  withWriteOptions(command);
  withExamples(command, { 'halyard disable new-checkout --reason "no longer needed"': 'off for everyone' });
  return answering(command, session, (key: string, options: WriteOptions) =>
    setEnabled(key, false, options, session.terminal),
  );
}
