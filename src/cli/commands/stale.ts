import { Command, Option } from 'commander';
import { definitionsOf } from '../../lifecycle/flag-lifecycle.js';
import type { Answer } from '../answer.js';
import { type StoreOptions, usingStore, withStoreOption } from '../addresses/store-option.js';
import { collect } from '../collect.js';
import { CommandError } from '../command-error.js';
import { withExamples } from '../examples.js';
import { EXIT } from '../exit-code.js';
import { type FormatOptions, parseCount, withFormatOption } from '../findings/format-option.js';
import { scanProject } from '../refs/scan-project.js';
import { flagOf, readFlags } from '../served-flags.js';
import { answering, type Session } from '../session.js';
import { chooseWinners, collectDecisions, type Decisions } from '../stale/choose-winners.js';
import { reportFix } from '../stale/fix-stale.js';
import { planRemoval } from '../stale/plan-removal.js';
import { findStaleFlags, nextCommands, type StaleFlag } from '../stale/stale-flags.js';
import { reportStale } from '../stale/stale-report.js';
import { writeChanges } from '../stale/write-changes.js';
import type { Terminal } from '../terminal.js';
import { readLifecycles } from '../usage/flag-lifecycles.js';
import { type UsageOptions, withUsageOptions } from '../usage/usage-options.js';

interface StaleOptions extends StoreOptions, UsageOptions, FormatOptions {
  readonly days: number;
  readonly flag?: readonly string[];
  readonly expired?: boolean;
  readonly ignore: readonly string[];
  /** The flags whose code goes; `true`: all that are stale and settled. */
  readonly fix?: readonly string[] | true;
  readonly value?: Decisions;
  readonly write?: boolean;
  readonly force?: boolean;
}

export function staleCommand(session: Session): Command {
  const command = new Command('stale')
    .summary('flags that can go, and the change that removes their code')
    .description(
      'Flags that decide nothing any more, with what shows it: what everyone gets and since when, when they were last ' +
        'evaluated, where code reads them. With --fix, the change that keeps what they decided, as a diff to review.',
    )
    .argument('[paths...]', 'files and folders with the code', ['.'])
    .addOption(new Option('--days <days>', 'how long a flag must have been settled').argParser(parseCount).default(90))
    .option('--expired', 'also flags whose end is over, and that still decide something')
    .option('--flag <key>', 'only this flag; may be given several times', collect)
    .option('--ignore <glob>', 'files to leave out, as in a .gitignore', collect, [])
    .option('--fix [keys...]', 'show the change that removes these flags from the code; default: all that are stale')
    .option('--value <key=variant>', 'with --fix: decide for a flag that isn’t settled', collectDecisions)
    .option('--write', 'with --fix: write the change')
    .option('--force', 'with --write: also into files with changes that aren’t committed');
  withUsageOptions(command);
  withStoreOption(command);
  withFormatOption(command);
  withExamples(command, {
    'halyard stale src': 'what can go, and why',
    'halyard stale src --fix new-checkout': 'the change, as a diff',
    'halyard stale src --fix new-checkout --write': 'and written',
    'halyard stale --fix old-search --value old-search=off': 'a flag that somebody decides on',
    'halyard stale --format github --max-warnings 10': 'in CI',
  });
  return answering(command, session, (paths: readonly string[], options: StaleOptions) =>
    answer(paths, options, session.terminal),
  );
}

async function answer(paths: readonly string[], options: StaleOptions, terminal: Terminal): Promise<Answer> {
  if (options.fix === undefined && (options.write === true || options.force === true || options.value !== undefined)) {
    throw new CommandError(EXIT.usage, '--write, --force and --value say how to --fix: add that.');
  }
  return usingStore(options, terminal, async (store) => {
    const flags = await readFlags(store, terminal.now);
    const lifecycle = { staleAfterDays: options.days };
    const { byKey, notes } = await readLifecycles(flags, store, { ...options, lifecycle }, terminal);
    const named = [...(options.flag ?? []), ...(Array.isArray(options.fix) ? (options.fix as readonly string[]) : [])];
    for (const key of named) flagOf(flags, key);
    const definitions = definitionsOf(flags.runtime.evaluator.current.set);
    const { cwd, now } = terminal;
    const { ignore } = options;
    const knownKeys = [...definitions.keys()];
    const project = await scanProject({ paths, cwd, ignore, knownKeys });
    const search = { withExpired: options.expired === true, keys: options.flag };
    const stale = findStaleFlags(byKey, definitions, project, search);
    const commands = nextCommands(paths, options.store);
    if (options.fix === undefined) return reportStale(stale, options, { now: now(), notes, commands });
    const keys = keysToFix(options, stale);
    const decisions = options.value ?? new Map<string, string>();
    const winners = chooseWinners(keys, decisions, definitions, byKey);
    const plan = await planRemoval({ paths, cwd, ignore, winners, knownKeys });
    const isWritten = options.write === true;
    if (isWritten) await writeChanges(plan.changes, { cwd, force: options.force === true });
    return reportFix({ plan, winners, isWritten, decisions, commands });
  });
}

/** The flags that were named, else all that are settled. */
function keysToFix({ fix, value, flag }: StaleOptions, stale: readonly StaleFlag[]): ReadonlySet<string> {
  const named = [...(Array.isArray(fix) ? (fix as readonly string[]) : []), ...(value?.keys() ?? [])];
  if (named.length > 0) return new Set([...named, ...(flag ?? [])]);
  return new Set(stale.filter(({ life }) => life.settled !== undefined).map(({ life }) => life.key));
}
