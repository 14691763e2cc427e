import { inlineValue } from '../output/inline-value.js';
import { structuredPatch } from 'diff';
import { stringify } from 'yaml';
import type { Difference } from '../../stores/flag-store.js';
import type { Colors, Paper } from '../terminal.js';

/** Around lines that are different, this many are shown that are not. */
const CONTEXT_LINES = 2;

/** What is different: a line for each place, `flags.a.rollout: 10 → 25`, or the lines of what needs more. */
export function differenceText(difference: readonly Difference[], paper: Paper): string {
  return difference.map((one) => oneText(one, paper)).join('\n');
}

function oneText(one: Difference, { columns, colors }: Paper): string {
  const [before, after] = [inlineValue(one.before), inlineValue(one.after)];
  const isShort = [one.before, one.after].every((value) => typeof value !== 'object' || Array.isArray(value));
  if (isShort && `${one.path}: ${before} → ${after}`.length <= columns) {
    return `${colors.bold(one.path)}: ${colors.red(before)} → ${colors.green(after)}`;
  }
  const width = Math.max(20, Math.min(columns, 120) - 4);
  const patch = structuredPatch('', '', block(one.before, width), block(one.after, width), '', '', {
    context: CONTEXT_LINES,
  });
  const lines = patch.hunks.flatMap((hunk, index) => (index === 0 ? hunk.lines : [' …', ...hunk.lines]));
  const told = lines.filter((line) => !line.startsWith('\\')).map((line) => `  ${painted(line, colors)}`);
  return [`${colors.bold(one.path)}:${sign(one)}`, ...told].join('\n');
}

function sign({ before, after }: Difference): string {
  if (before === undefined) return ' added';
  return after === undefined ? ' removed' : '';
}

function painted(line: string, { green, red }: Colors): string {
  const text = `${line.slice(0, 1)} ${line.slice(1)}`;
  if (line.startsWith('+')) return green(text);
  return line.startsWith('-') ? red(text) : text;
}

const block = (value: unknown, lineWidth: number): string =>
  value === undefined ? '' : stringify(value, { lineWidth, indentSeq: false });
