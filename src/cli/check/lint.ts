import type { FlagDefinition } from '../../flags/flag-definition.js';
import type { FlagState } from '../../flags/flag-state.js';
import type { ParsedFlagDocument } from '../../flags/parse-flag-document.js';
import type { Problem } from '../../flags/problem.js';

/** What a rule looks at. It sees only flags and segments without errors. */
export interface LintedDocument {
  readonly flags: ParsedFlagDocument['flags'];
  readonly segments: ParsedFlagDocument['segments'];
  /** What operations did; rollouts with checks stand where it says. */
  readonly state: FlagState;
}

export interface LintSettings {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** How many flags one owner may have. */
  readonly maxFlagsPerOwner: number;
  /** What a flag's key must look like; `undefined`: like any key. */
  readonly namePattern: NamePattern | undefined;
}

export interface NamePattern {
  readonly source: string;
  readonly test: (key: string) => boolean;
}

/** Something that a rule found, and where. */
export type LintHit = Pick<Problem, 'path' | 'message'>;

/** One thing that a document may be warned about. */
export interface Lint {
  /** In kebab-case. */
  readonly rule: string;
  /** What it finds, in a sentence. */
  readonly description: string;
  /** Finds it in time linear in the document. */
  readonly look: (document: LintedDocument, settings: LintSettings) => Iterable<LintHit>;
}

/** A rule that looks at one flag after another. */
export function lintOfFlags(
  rule: string,
  description: string,
  look: (flag: FlagDefinition, settings: LintSettings, document: LintedDocument) => Iterable<LintHit>,
): Lint {
  return {
    rule,
    description,
    *look(document, settings) {
      for (const flag of document.flags.values()) yield* look(flag, settings, document);
    },
  };
}
