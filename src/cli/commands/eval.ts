import { Command } from 'commander';
import type { EvaluationDetails } from '../../runtime/events.js';
import type { Answer } from '../answer.js';
import { type StoreOptions, usingStore, withStoreOption } from '../addresses/store-option.js';
import { type ContextOptions, contextOf, withContextOptions } from '../context.js';
import { withExamples } from '../examples.js';
import { EXIT } from '../exit-code.js';
import { flagOf, readFlags } from '../served-flags.js';
import { answering, type Session } from '../session.js';

export function evalCommand(session: Session): Command {
  const command = new Command('eval')
    .summary('what a flag answers to somebody')
    .description(
      'What a flag answers to somebody, and why. Exits with 1 where the answer is an error, such as a missing targeting key.',
    )
    .argument('<flag>', 'its key');
  withContextOptions(command);
  withStoreOption(command);
  withExamples(command, {
    'halyard eval new-checkout --unit user-1': 'one user',
    'halyard eval new-checkout --unit user-1 --set plan=pro --set country=US': 'with attributes',
    'halyard eval new-checkout --context @user.json --json': 'for a program',
  });
  return answering(command, session, (key: string, options: ContextOptions & StoreOptions) =>
    usingStore(options, session.terminal, async (store) => {
      const flags = await readFlags(store, session.terminal.now);
      flagOf(flags, key);
      const context = contextOf(options, session.terminal);
      return answerWith(flags.runtime.evaluator.details<unknown>(key, undefined, context));
    }),
  );
}

function answerWith(details: EvaluationDetails<unknown>): Answer {
  const { value, variant, reason, errorCode, errorMessage, rule } = details;
  return {
    data: { ...details, value: value ?? null },
    text: ({ colors: { bold, dim, red } }) => {
      const shown = value === undefined ? dim("the caller's default") : bold(JSON.stringify(value));
      const why = [variant, reason, rule === undefined ? undefined : `rule ${JSON.stringify(rule)}`];
      const because = dim(`(${why.filter((part) => part !== undefined).join(', ')})`);
      const advice = errorCode === 'TARGETING_KEY_MISSING' ? ' Say who asks: --unit ID' : '';
      const error = errorCode === undefined ? '' : `\n${red(`${errorCode}: ${errorMessage ?? ''}${advice}`)}`;
      return `${shown}  ${because}${error}`;
    },
    ...(errorCode !== undefined && { exitCode: EXIT.problems }),
  };
}
