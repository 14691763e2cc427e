import { Command } from 'commander';
import { type StoreOptions, usingStore, withStoreOption } from '../addresses/store-option.js';
import { type ContextOptions, contextOf, withContextOptions } from '../context.js';
import { withExamples } from '../examples.js';
import { EXIT } from '../exit-code.js';
import { flagOf, readFlags } from '../served-flags.js';
import { answering, type Session } from '../session.js';

export function explainCommand(session: Session): Command {
  const command = new Command('explain')
    .summary('how a flag comes to its answer, rule by rule')
    .description('How a flag comes to its answer for somebody: every step, every condition, the bucket.')
    .argument('<flag>', 'its key');
  withContextOptions(command);
  withStoreOption(command);
  withExamples(command, {
    'halyard explain new-checkout --unit user-1 --set plan=pro': 'why user-1 does or does not have it',
  });
  return answering(command, session, (key: string, options: ContextOptions & StoreOptions) =>
    usingStore(options, session.terminal, async (store) => {
      const flags = await readFlags(store, session.terminal.now);
      flagOf(flags, key);
      const explanation = flags.runtime.evaluator.explain(key, contextOf(options, session.terminal));
      return {
        data: explanation,
        text: () => explanation.toString(),
        ...(explanation.errorCode !== undefined && { exitCode: EXIT.problems }),
      };
    }),
  );
}
