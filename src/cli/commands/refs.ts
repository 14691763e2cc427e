import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import type { NamedWrapper } from '../../source/flag-access.js';
import { type StoreOptions, addressOf, usingStore, withStoreOption } from '../addresses/store-option.js';
import type { Answer } from '../answer.js';
import { collect } from '../collect.js';
import { withExamples } from '../examples.js';
import type { Finding } from '../findings/finding.js';
import { type FormatOptions, withFormatOption } from '../findings/format-option.js';
import { reportFindings } from '../findings/report-findings.js';
import { findMentions, type Mention } from '../refs/mentions.js';
import { type DefinedFlags, findingsOf, REFERENCE_RULES } from '../refs/reference-findings.js';
import { referencesData } from '../refs/references-data.js';
import { referencesText, type ShownReferences } from '../refs/references-text.js';
import { type ProjectReferences, scanProject } from '../refs/scan-project.js';
import { readFlags } from '../served-flags.js';
import { answering, type Session } from '../session.js';
import type { Terminal } from '../terminal.js';

interface RefsOptions extends FormatOptions {
  /** `false`: there are no flags to compare with. */
  readonly store?: string | false;
  readonly flag?: readonly string[];
  readonly wrapper?: readonly NamedWrapper[];
  readonly ignore?: readonly string[];
  readonly mentions?: boolean;
  readonly undefined?: boolean;
  readonly unused?: boolean;
  readonly nested?: boolean;
}

export function refsCommand(session: Session): Command {
  const command = new Command('refs')
    .summary('where code reads flags')
    .description('Where source code reads flags: used but not defined, defined but not used, read inside each other.')
    .argument('[paths...]', 'files and folders', ['.'])
    .option('--flag <key>', 'only this flag; may be given several times', collect)
    .option(
      '--wrapper <name[:argument]>',
      'a function that takes a key, and which argument it is, from 0; for those that can’t be recognised',
      collectWrappers,
    )
    .option('--ignore <glob>', 'files to leave out, as in a .gitignore', collect)
    .option('--mentions', 'show also where keys are only written: in other texts, JSON, YAML')
    .option('--undefined', 'only what is used but not defined')
    .option('--unused', 'only what is defined but not used')
    .option('--nested', "only what is read inside another flag's branch");
  withStoreOption(command).option('--no-store', 'compare with no flags: only show where code reads them');
  withFormatOption(command);
  withExamples(command, {
    'halyard refs src': 'every read, and what is wrong',
    'halyard refs --flag new-checkout --mentions': 'all about one flag',
    'halyard refs --undefined --format github': 'in a pull request',
    'halyard refs --wrapper isEnabled --wrapper check:1': 'with functions of your own',
  });
  return answering(command, session, async (paths: readonly string[], options: RefsOptions) =>
    answer(paths, options, session.terminal),
  );
}

async function answer(paths: readonly string[], options: RefsOptions, terminal: Terminal): Promise<Answer> {
  const { cwd, now } = terminal;
  const { store, ignore = [], wrapper = [], flag } = options;
  const stored = store === false ? undefined : { ...(store !== undefined && { store }) };
  const defined = stored && (await definedFlags(stored, terminal, now));
  const knownKeys = [...(defined?.flags.keys() ?? []), ...(flag ?? [])];
  const project = await scanProject({ paths, cwd, ignore, knownKeys, wrappers: wrapper });
  const documents =
    stored === undefined
      ? []
      : addressOf(stored.store, terminal)
          .split(',')
          .map((path) => relative(cwd, resolve(cwd, path.trim())));
  const keys = flag ?? knownKeys;
  const mentions =
    options.mentions === true ? await findMentions({ keys, paths, cwd, ignore, documents }, project) : [];
  return reported(shownOf(project, mentions, defined, options), options, cwd);
}

async function definedFlags(options: StoreOptions, terminal: Terminal, now: () => number): Promise<DefinedFlags> {
  return usingStore(options, terminal, async (store, { address }) => {
    const { flags, refused } = (await readFlags(store, now)).served.parsed;
    const keys = [...flags.keys(), ...refused.keys()];
    const requires = (key: string): readonly string[] => flags.get(key)?.requires.map(({ flag }) => flag) ?? [];
    return { flags: new Map(keys.map((key) => [key, requires(key)])), source: address };
  });
}

/** What was asked for. */
function shownOf(
  project: ProjectReferences,
  mentions: readonly Mention[],
  defined: DefinedFlags | undefined,
  options: RefsOptions,
): ShownReferences {
  const { flag } = options;
  const rules = [
    ...(options.undefined === true ? ['undefined-flag'] : []),
    ...(options.unused === true ? ['unused-flag'] : []),
    ...(options.nested === true ? ['nested-flag'] : []),
  ];
  const isWanted = ({ rule, flagKey }: Finding): boolean =>
    (rules.length === 0 || rules.includes(rule)) &&
    (flag === undefined || (flagKey !== undefined && flag.includes(flagKey)));
  return {
    ...project,
    references: project.references.filter(({ key }) => flag === undefined || (key !== undefined && flag.includes(key))),
    mentions,
    findings: findingsOf(project, defined).filter(isWanted),
    onlyFindings: rules.length > 0,
  };
}

function reported(shown: ShownReferences, options: RefsOptions, cwd: string): Answer {
  const sourceOf = (file: string): string => readFileSync(resolve(cwd, file), 'utf8');
  const report = reportFindings(shown.findings, {
    ...options,
    sourceOf,
    rules: REFERENCE_RULES,
    nothingFound: 'Nothing is wrong.',
  });
  const data = referencesData(shown);
  const broken = shown.broken.map(({ file, message }) => `${file} can't be read as source code: ${message}`);
  return {
    ...report,
    data,
    text: (paper) => {
      if (options.format === 'text') return referencesText(shown, paper);
      return options.format === 'json' ? JSON.stringify(data, undefined, 2) : report.text(paper);
    },
    notes: [...broken, ...(report.notes ?? [])],
  };
}

function collectWrappers(given: string, before: readonly NamedWrapper[] = []): readonly NamedWrapper[] {
  const [, name, argument = '0'] = /^([\p{ID_Start}_$][\p{ID_Continue}$]*)(?::(\d))?$/u.exec(given) ?? [];
  if (name !== undefined) return [...before, { name, argument: Number(argument) }];
  throw new InvalidArgumentError('Expected a function’s name, and perhaps which argument: isEnabled or isEnabled:1.');
}
