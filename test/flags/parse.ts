import { parseFlagDocument, type ParsedFlagDocument } from '../../src/flags/parse-flag-document.js';
import { parseFlagDocumentText } from '../../src/flags/flag-document-text.js';
import { formatProblem, type Problem } from '../../src/flags/problem.js';
import type { FlagDefinition } from '../../src/flags/flag-definition.js';

/** A document with one flag, `f`. */
export function documentOf(flag: unknown, more: object = {}): unknown {
  return { version: 1, flags: { f: flag }, ...more };
}

/** The one flag, which must have no problems. */
export function flagFrom(flag: unknown, more: object = {}): FlagDefinition {
  const parsed = parseFlagDocument(documentOf(flag, more));
  const problems = parsed.problems.filter(({ message }) => !message.startsWith('no rule uses'));
  if (problems.length > 0) throw new Error(lines(problems).join('\n'));
  return parsed.flags.get('f')!;
}

/** What the parser says about the one flag. */
export function problemsOf(flag: unknown, more: object = {}): readonly string[] {
  return lines(parseFlagDocument(documentOf(flag, more)).problems);
}

export function lines(problems: readonly Problem[]): readonly string[] {
  return problems.map(formatProblem);
}

export function errorsOf(parsed: ParsedFlagDocument): readonly string[] {
  return lines(parsed.problems.filter(({ severity }) => severity === 'error'));
}

/** What is said about a YAML text. */
export function textProblems(text: string): readonly string[] {
  return lines(parseFlagDocumentText([{ name: 'flags.yaml', text }]).problems);
}
