import type { Answer } from '../answer.js';
import { EXIT } from '../exit-code.js';
import { counted } from '../output/counted.js';
import type { Finding } from './finding.js';
import { findingsAsGithub } from './findings-as-github.js';
import { findingsAsSarif, type RuleDescriptions } from './findings-as-sarif.js';
import { findingsAsText, type SourceOf } from './findings-as-text.js';
import type { FormatOptions } from './format-option.js';

export interface FindingsReport extends FormatOptions {
  /** Where the lines come from that people are shown. */
  readonly sourceOf: SourceOf;
  /** The rules of the command that found them, for `sarif`. */
  readonly rules: RuleDescriptions;
  /** What people read where nothing was found. */
  readonly nothingFound: string;
}

/** The answer of a command that found these, in their order. It is bad if one is an error, or there are too many warnings. */
export function reportFindings(findings: readonly Finding[], report: FindingsReport): Answer {
  const { format, sourceOf, rules, nothingFound, maxWarnings = Infinity } = report;
  const count = (severity: Finding['severity']): number =>
    findings.filter((finding) => finding.severity === severity).length;
  const [errors, warnings, notes] = [count('error'), count('warning'), count('note')];
  const data = { errors, warnings, notes, findings };
  const isBad = errors > 0 || warnings > maxWarnings;
  return {
    data,
    text: (paper) => {
      switch (format) {
        case 'json':
          return JSON.stringify(data, undefined, 2);
        case 'sarif':
          return JSON.stringify(findingsAsSarif(findings, rules), undefined, 2);
        case 'github':
          return findingsAsGithub(findings);
        case 'text':
          return findings.length === 0 ? nothingFound : findingsAsText(findings, sourceOf, paper);
      }
    },
    ...(warnings > maxWarnings && {
      notes: [`${counted(warnings, 'warning')}, where --max-warnings allows ${maxWarnings}.`],
    }),
    ...(isBad && { exitCode: EXIT.problems }),
  };
}
