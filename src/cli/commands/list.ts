import { Command } from 'commander';
import type { CompiledFlag } from '../../evaluation/compiled-flag.js';
import { isKilled } from '../../evaluation/flag-situation.js';
import type { FlagKind } from '../../flags/flag-document.js';
import { DAY_MS } from '../../lifecycle/lifecycle-options.js';
import type { FlagLifecycle } from '../../lifecycle/flag-lifecycle.js';
import { describeStrayKills, strayKills } from '../../runtime/stray-kills.js';
import type { Answer } from '../answer.js';
import { type StoreOptions, usingStore, withStoreOption } from '../addresses/store-option.js';
import { withExamples } from '../examples.js';
import { outcomeInWords, type Standing, standingOf } from '../flag-summary.js';
import { kindOption } from '../kind-option.js';
import { dayOf, spanInWords } from '../output/relative-time.js';
import { type Column, table } from '../output/table.js';
import { type CommandFlags, readFlags } from '../served-flags.js';
import { answering, type Session } from '../session.js';
import { type FlagLifecycles, lifecycleData, readLifecycles } from '../usage/flag-lifecycles.js';
import { type UsageOptions, withUsageOptions } from '../usage/usage-options.js';

interface ListOptions extends StoreOptions, UsageOptions {
  readonly wide?: boolean;
  readonly kind?: FlagKind;
  readonly owner?: string;
  readonly tag?: string;
}

interface Row {
  readonly key: string;
  readonly standing: Standing;
  readonly outcome: string;
  readonly kind: FlagKind | undefined;
  readonly owner: string | undefined;
  readonly tags: readonly string[];
  /** `undefined` for a flag that can't be understood. */
  readonly life: FlagLifecycle | undefined;
}

export function listCommand(session: Session): Command {
  const command = new Command('list')
    .alias('ls')
    .summary('all flags in a table')
    .description(
      'All flags: whether they are on, what everyone gets, who owns them, how old they are, when they end (~ by the ' +
        'lifetime of their kind), and when they were last evaluated, where the store or a Prometheus knows it.',
    )
    .addOption(kindOption('only these'))
    .option('--owner <owner>', 'only theirs')
    .option('--tag <tag>', 'only those with it')
    .option('-w, --wide', 'all columns, however narrow the terminal');
  withUsageOptions(command);
  withStoreOption(command);
  withExamples(command, {
    'halyard list --owner payments-team': 'what one team has',
    'halyard list --store "redis://localhost?prefix=shop" --json': 'for a program, from Redis',
    'halyard list --prometheus http://localhost:9090 --selector \'{job="shop"}\'':
      'with when each was last evaluated, by its metrics',
  });
  return answering(command, session, (options: ListOptions) =>
    usingStore(options, session.terminal, async (store) => {
      const { terminal } = session;
      const flags = await readFlags(store, terminal.now);
      const lifecycles = await readLifecycles(flags, store, options, terminal);
      const rows = rowsOf(flags, lifecycles, terminal.now()).filter((row) => isWanted(row, options));
      const notes = [...strayKillNotes(flags, terminal.now()), ...lifecycles.notes];
      return answerWith(rows, notes, { now: terminal.now(), isWide: options.wide === true });
    }),
  );
}

function rowsOf({ served, runtime }: CommandFlags, { byKey }: FlagLifecycles, now: number): readonly Row[] {
  return Array.from(runtime.evaluator.current.set.flags.values(), (flag) => {
    const { definition } = flag;
    return {
      key: flag.key,
      standing: standingOf(flag, served.state.trips.has(flag.key), now),
      outcome: everyoneGets(flag, now),
      kind: definition?.kind,
      owner: definition?.owner,
      tags: definition?.tags ?? [],
      life: byKey.get(flag.key),
    };
  });
}

function strayKillNotes({ served }: CommandFlags, now: number): readonly string[] {
  const keys = strayKills(served, now);
  return keys.length === 0 ? [] : [describeStrayKills(keys, served)];
}

/** What nobody gets at the moment, because the flag is off, stands in parentheses. */
function everyoneGets(flag: CompiledFlag, now: number): string {
  const words = outcomeInWords(flag.outcome, now);
  const isOff = isKilled(flag.situation, now) || flag.definition?.enabled === false;
  return isOff && words !== '' ? `(${words})` : words;
}

const isWanted = (row: Row, { kind, owner, tag }: ListOptions): boolean =>
  (kind === undefined || row.kind === kind) &&
  (owner === undefined || row.owner === owner) &&
  (tag === undefined || row.tags.includes(tag));

interface TableOptions {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly isWide: boolean;
}

function columnsOf(rows: readonly Row[], { now, isWide }: TableOptions): readonly Column<Row>[] {
  const isUsageKnown = rows.some(({ life }) => life?.lastEvaluatedAt !== undefined);
  const all: readonly (Column<Row> & { readonly isWide?: boolean })[] = [
    { title: 'FLAG', of: ({ key }) => key, shrinksTo: 16 },
    {
      title: 'STATE',
      of: ({ standing }) => standing,
      color: ({ standing }, { green, red, yellow }) =>
        standing === 'on' ? green : standing === 'disabled' ? yellow : red,
    },
    { title: 'EVERYONE', of: ({ outcome }) => outcome, shrinksTo: 12 },
    { title: 'KIND', of: ({ kind = '' }) => kind, isWide: true },
    { title: 'OWNER', of: ({ owner = '' }) => owner, shrinksTo: 8 },
    { title: 'AGE', of: ({ life }) => ageOf(life?.ageMs), align: 'right' },
    {
      title: 'EXPIRES',
      of: ({ life }) => (life?.expires === undefined ? '' : endOf(life.expires, life)),
      color: ({ life }, { red }) => (life?.isExpired === true ? red : (text) => text),
    },
    { title: 'EVALUATED', of: ({ life }) => (isUsageKnown ? lastEvaluated(life, now) : '') },
    { title: 'STAGE', of: ({ life }) => life?.stage ?? '', isWide: true },
    { title: 'TAGS', of: ({ tags }) => tags.join(' '), isWide: true },
  ];
  return isWide ? all : all.filter((column) => column.isWide !== true);
}

/** A document says the day alone. */
function ageOf(ageMs: number | undefined): string {
  if (ageMs === undefined) return '';
  return ageMs < DAY_MS ? 'today' : spanInWords(ageMs);
}

const endOf = (expires: Date, { expiresBy }: FlagLifecycle): string =>
  `${expiresBy === 'lifetime' ? '~' : ''}${dayOf(expires)}`;

function lastEvaluated(life: FlagLifecycle | undefined, now: number): string {
  if (life?.lastEvaluatedAt === undefined) return 'unknown';
  return `${spanInWords(now - life.lastEvaluatedAt.getTime())} ago`;
}

/** From this width on, a terminal has room for all columns. */
const ROOMY_COLUMNS = 120;

function answerWith(rows: readonly Row[], notes: readonly string[], options: TableOptions): Answer {
  return {
    data: rows.map(toData),
    text: (paper) => {
      if (rows.length === 0) return 'No flags.';
      const columns = columnsOf(rows, { ...options, isWide: options.isWide || paper.columns >= ROOMY_COLUMNS });
      return table(rows, columns, options.isWide ? { ...paper, columns: Infinity } : paper);
    },
    notes,
  };
}

function toData({ life, ...row }: Row): object {
  return { ...row, ...(life && lifecycleData(life)) };
}
