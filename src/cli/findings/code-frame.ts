import { cut, widthOf } from '../output/text-width.js';
import type { Colors, Paper } from '../terminal.js';

/** How many characters of a line are looked at: a document can be one line of a megabyte. */
const LONGEST_LINE = 400;

/** How much of a line stays before what is pointed at, where it doesn't fit, as a share of the width. */
const KEPT_BEFORE = 0.5;

/**
 * The lines around a place, with numbers, and a caret under it.
 *
 * @param line 1-based
 * @param column 1-based, in UTF-16 code units
 */
export function codeFrame(
  lines: readonly string[],
  line: number,
  column: number | undefined,
  { columns, colors }: Paper,
): string {
  const from = Math.max(1, line - 1);
  const to = Math.min(lines.length, line + 1);
  const gutter = String(to).length;
  const width = columns - gutter - GUTTER_MARKS;
  const pointed = windowOf(lines[line - 1] ?? '', (column ?? 1) - 1, width);
  const rows: string[] = [];
  for (let at = from; at <= to; at++) {
    const text = visible((lines[at - 1] ?? '').slice(pointed.skipped, pointed.skipped + LONGEST_LINE));
    const shown = cut(`${pointed.skipped > 0 && text !== '' ? '…' : ''}${text}`, width);
    rows.push(row(String(at).padStart(gutter), shown, at === line, colors));
    if (at === line && column !== undefined) {
      rows.push(row(' '.repeat(gutter), ' '.repeat(pointed.caret) + colors.red('^'), false, colors));
    }
  }
  return rows.join('\n');
}

/** `> 12 | `, beside the number. */
const GUTTER_MARKS = 5;

function row(number: string, text: string, isMarked: boolean, { dim, red }: Colors): string {
  return `${isMarked ? red('>') : ' '} ${dim(`${number} |`)}${text === '' ? '' : ` ${text}`}`;
}

/** Which part of a line to show so that a place is seen, and how far in it the caret stands. */
function windowOf(text: string, index: number, width: number): { readonly skipped: number; readonly caret: number } {
  const isNear = index < LONGEST_LINE && widthOf(visible(text.slice(0, index))) < width - 1;
  const skipped = isNear ? 0 : Math.max(0, index - Math.floor(Math.min(width, LONGEST_LINE) * KEPT_BEFORE));
  return { skipped, caret: widthOf(visible(text.slice(skipped, index))) + (skipped > 0 ? 1 : 0) };
}

/** Tabs as spaces, and what would move the cursor as a mark. */
const visible = (text: string): string => text.replaceAll('\t', '  ').replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '·');
