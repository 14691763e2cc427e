import type { Rule } from 'eslint';
import type { ParsedFlagDocument } from '../flags/parse-flag-document.js';
import { findFlagReads } from '../source/find-flag-reads.js';
import type { FlagRead } from '../source/flag-read.js';
import type { FlagFiles } from './flag-files.js';
import { type HalyardSettings, settingsOf, wrappersOf } from './plugin-settings.js';

/** A file that is linted: how it reads flags, and which flags there are. */
export interface LintedFile {
  readonly reads: readonly FlagRead[];
  readonly flags: ParsedFlagDocument;
  readonly settings: HalyardSettings;
  /** Reports at the place where a flag's key is said. */
  readonly report: (read: FlagRead, problem: ReportedProblem) => void;
}

/** What is wrong, by the rule's message, and what would be right. */
export interface ReportedProblem {
  readonly messageId: string;
  readonly data: Readonly<Record<string, string>>;
  readonly suggest?: Rule.SuggestionReportDescriptor[];
}

/** Makes a rule that looks at a file's reads, which are found once for all rules. */
export type RuleMaker = (description: RuleDescription, check: (file: LintedFile) => void) => Rule.RuleModule;

export interface RuleDescription {
  readonly type: 'problem' | 'suggestion';
  readonly description: string;
  readonly messages: Readonly<Record<string, string>>;
  readonly hasSuggestions?: boolean;
}

export function createRuleMaker(files: FlagFiles): RuleMaker {
  const lintedFiles = new WeakMap<object, Omit<LintedFile, 'report'>>();
  const fileOf = (context: Rule.RuleContext): Omit<LintedFile, 'report'> => {
    const { ast } = context.sourceCode;
    const known = lintedFiles.get(ast);
    if (known !== undefined) return known;
    const settings = settingsOf(context);
    const { flags: names = 'flags.yaml' } = settings;
    const flags = files.read(typeof names === 'string' ? [names] : names, context.cwd);
    const knownKeys = [...flags.flags.keys(), ...flags.refused];
    const reads = findFlagReads(ast, { knownKeys, wrappers: wrappersOf(settings) });
    const file = { reads, flags, settings };
    lintedFiles.set(ast, file);
    return file;
  };
  return ({ type, description, messages, hasSuggestions = false }, check) => ({
    meta: { type, docs: { description }, messages: { ...messages }, hasSuggestions, schema: [] },
    create: (context) => ({
      Program: () => {
        const report: LintedFile['report'] = ({ keyNode }, problem) => context.report({ node: keyNode, ...problem });
        check({ ...fileOf(context), report });
      },
    }),
  });
}
