import { counted } from '../output/counted.js';
import { widthOf } from '../output/text-width.js';
import { wrap } from '../output/wrap.js';
import type { Colors, Paper } from '../terminal.js';
import { codeFrame } from './code-frame.js';
import type { Finding } from './finding.js';

/** The text of a file that findings name; `undefined`: it is not known, and no lines are shown. */
export type SourceOf = (file: string) => string | undefined;

/** For people: each finding with its place and the lines around it, and how many there are at the end. */
export function findingsAsText(findings: readonly Finding[], sourceOf: SourceOf, paper: Paper): string {
  const linesOf = cachedLines(sourceOf);
  const entries = findings.map((finding) => {
    const { file, line, column } = finding;
    const lines = file === undefined || line === undefined ? undefined : linesOf(file);
    const frame =
      lines === undefined || line === undefined || line > lines.length ? [] : [codeFrame(lines, line, column, paper)];
    return [headline(finding, paper), ...frame].join('\n');
  });
  return [...entries, summaryOf(findings, paper.colors)].join('\n\n');
}

/** `flags.yaml:14:5 error expired …`, over as many lines as it takes. */
function headline({ file, line, column, severity, rule, message }: Finding, { columns, colors }: Paper): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  const subject = [place, severity, rule].filter((part) => part !== '').join(' ');
  const painted = [colors.bold(place), colorOf(severity, colors)(severity), colors.dim(rule)].filter(Boolean).join(' ');
  return `${painted} ${wrap(message, columns, '    ', widthOf(subject) + 1)}`;
}

/** `3 errors, 2 warnings` */
function summaryOf(findings: readonly Finding[], colors: Colors): string {
  return (['error', 'warning', 'note'] as const)
    .map((severity) => ({ severity, count: findings.filter((finding) => finding.severity === severity).length }))
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => colorOf(severity, colors)(counted(count, severity)))
    .join(', ');
}

function colorOf(severity: Finding['severity'], { red, yellow, cyan }: Colors): (text: string) => string {
  return { error: red, warning: yellow, note: cyan }[severity];
}

/** A file's lines, split once for all findings in it. */
function cachedLines(sourceOf: SourceOf): (file: string) => readonly string[] | undefined {
  const known = new Map<string, readonly string[] | undefined>();
  return (file) => {
    if (!known.has(file)) known.set(file, linesIn(sourceOf(file)));
    return known.get(file);
  };
}

/** The end of the last line begins no other. */
const linesIn = (text: string | undefined): readonly string[] | undefined =>
  text?.replace(/(\r\n|\r|\n)$/, '').split(/\r\n|\r|\n/);
