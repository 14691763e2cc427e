import { Command, Option } from 'commander';
import { isAbsolute, relative } from 'node:path';
import { emptyFlagState } from '../../flags/flag-state.js';
import type { StoredFlags } from '../../stores/flag-store.js';
import { textsOf } from '../../stores/stored-document.js';
import { addressOf, type StoreOptions, usingStore, withStoreOption } from '../addresses/store-option.js';
import type { Answer } from '../answer.js';
import { type CheckedDocument, checkDocument, type CheckSettings } from '../check/check-document.js';
import { allRuleDescriptions, INVALID, type Level, LEVELS, whyNoRule } from '../check/levels.js';
import type { NamePattern } from '../check/lint.js';
import { parseNamePattern } from '../check/parse-name-pattern.js';
import { collect } from '../collect.js';
import { CommandError } from '../command-error.js';
import { withExamples } from '../examples.js';
import { EXIT } from '../exit-code.js';
import { type FormatOptions, parseCount, withFormatOption } from '../findings/format-option.js';
import { reportFindings } from '../findings/report-findings.js';
import { counted } from '../output/counted.js';
import { answering, type Session } from '../session.js';
import type { Terminal } from '../terminal.js';

type LevelOptions = { readonly [Each in Level]?: readonly string[] };

interface CheckOptions extends StoreOptions, FormatOptions, LevelOptions {
  readonly namePattern?: string;
  readonly maxFlagsPerOwner?: number;
  readonly rules?: boolean;
}

export function checkCommand(session: Session): Command {
  const command = new Command('check')
    .summary('everything that is wrong with the flags')
    .description(
      'Finds errors in flag documents, and flags that have had their day, that nobody owns, or that can not do what they say. ' +
        'Exits with 1 where there are errors. A document says how it wants to be checked with `x-halyard-check`.',
    )
    .argument('[files...]', 'documents; one with its overlays is a,b; - is what is piped in. Default: as --store')
    .addOption(levelOption('off', "don't look for this; repeatable"))
    .addOption(levelOption('warn', 'a warning, which is what all rules are unless said otherwise; repeatable'))
    .addOption(levelOption('error', 'an error; repeatable'))
    .option('--name-pattern <regex>', 'what whole keys must look like, in RE2 syntax, e.g. [a-z0-9-]+')
    .addOption(
      new Option('--max-flags-per-owner <number>', 'above it, too-many-flags. Default: 50').argParser(parseCount),
    )
    .option('--rules', 'list all rules, each with a sentence');
  withFormatOption(command);
  withStoreOption(command);
  withExamples(command, {
    'halyard check': 'flags.yaml in this folder',
    'halyard check flags.yaml,flags.production.yaml': 'one document with an overlay',
    'halyard check flags/*.yaml --format github': 'each file, with annotations in a pull request',
    'halyard check --error expired --off no-owner': 'stricter, and less strict',
  });
  return answering(command, session, (files: readonly string[], options: CheckOptions) =>
    options.rules === true ? Promise.resolve(listRules()) : check(files, options, session.terminal),
  );
}

const levelOption = (level: Level, help: string): Option =>
  new Option(`--${level} <rule>`, help).argParser<readonly string[] | undefined>(collect);

async function check(files: readonly string[], options: CheckOptions, terminal: Terminal): Promise<Answer> {
  if (files.length > 0 && options.store !== undefined) {
    throw new CommandError(EXIT.usage, 'Name files or --store, not both.');
  }
  const settings = settingsFrom(options, terminal);
  const sources = new Map<string, string>();
  const checked: CheckedDocument[] = [];
  for (const address of files.length > 0 ? files : [addressOf(options.store, terminal)]) {
    const { stored, maxBytes } = await load(address, terminal);
    for (const { name, text } of textsOf(stored)) sources.set(name, text);
    checked.push(checkDocument(stored, settings, maxBytes));
  }
  const flagCount = checked.reduce((count, document) => count + document.flagCount, 0);
  return reportFindings(
    checked.flatMap(({ findings }) => findings),
    {
      ...options,
      sourceOf: (file) => sources.get(file),
      rules: allRuleDescriptions,
      nothingFound: `No problems in ${counted(flagCount, 'flag')}.`,
    },
  );
}

function settingsFrom(options: CheckOptions, { now }: Terminal): CheckSettings {
  const levels = new Map<string, Level>();
  for (const level of LEVELS) {
    for (const rule of options[level] ?? []) {
      const why = whyNoRule(rule);
      if (why !== undefined) throw new CommandError(EXIT.usage, `--${level}: ${why}`);
      levels.set(rule, level);
    }
  }
  const { maxFlagsPerOwner, namePattern } = options;
  return { now: now(), levels, maxFlagsPerOwner, namePattern: patternFrom(namePattern) };
}

function patternFrom(source: string | undefined): NamePattern | undefined {
  const pattern = source === undefined ? undefined : parseNamePattern(source);
  if (typeof pattern !== 'string') return pattern;
  throw new CommandError(EXIT.usage, `--name-pattern: expected a pattern in RE2 syntax: ${pattern}.`);
}

interface Loaded {
  readonly stored: Pick<StoredFlags, 'document' | 'state'>;
  readonly maxBytes: number | undefined;
}

async function load(address: string, terminal: Terminal): Promise<Loaded> {
  if (address === '-') {
    const text = await terminal.readInput();
    return { stored: { document: [{ name: '<stdin>', text }], state: emptyFlagState }, maxBytes: undefined };
  }
  return await usingStore({ store: address }, terminal, async (store) => {
    const { document, state } = await store.load();
    const texts = textsOf({ document }).map(({ name, text }) => ({ name: nameIn(terminal.cwd, name), text }));
    return { stored: { document: texts.length > 0 ? texts : document, state }, maxBytes: store.maxBytes };
  });
}

/** A file as a person in the folder would name it. */
const nameIn = (cwd: string, name: string): string => (isAbsolute(name) ? relative(cwd, name) : name);

function listRules(): Answer {
  const rules = Array.from(allRuleDescriptions, ([rule, finds]) => ({
    rule,
    level: rule === INVALID ? 'error' : 'warn',
    finds,
  }));
  return {
    data: rules,
    text: ({ colors: { bold } }) => rules.map(({ rule, finds }) => `${bold(rule)}\n    ${finds}`).join('\n'),
  };
}
