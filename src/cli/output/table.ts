import type { Colors, Paper } from '../terminal.js';
import { printable } from './printable.js';
import { cut, widthOf } from './text-width.js';

/** A column of a table of `Row`s. */
export interface Column<Row> {
  readonly title: string;
  readonly of: (row: Row) => string;
  /** Colours what is in the cell, which has its width by then. Default: as it is. */
  readonly color?: (row: Row, colors: Colors) => (text: string) => string;
  /** Numbers stand at the right. Default: left. */
  readonly align?: 'left' | 'right';
  /** How narrow it may become where the line is too short for all; cut cells end in `…`. Default: it keeps its width. */
  readonly shrinksTo?: number;
}

const GAP = 2;

/** Rows under titles, aligned, and cut to the paper's width as far as columns shrink. */
export function table<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  { columns: width, colors }: Paper,
): string {
  // A column that nobody has anything in says nothing.
  const used = columns.filter(({ of }) => rows.some((row) => of(row) !== ''));
  const cells = rows.map((row) => used.map(({ of }) => inOneLine(of(row))));
  const wanted = used.map(({ title }, index) =>
    cells.reduce((widest, row) => Math.max(widest, widthOf(row[index] ?? '')), widthOf(title)),
  );
  const widths = fit(
    wanted,
    used.map(({ shrinksTo }) => shrinksTo),
    width,
  );
  const line = (texts: readonly string[], paint: (index: number) => (text: string) => string): string =>
    used
      .map(({ align }, index) =>
        paint(index)(pad(cut(texts[index] ?? '', widths[index] ?? 0), widths[index] ?? 0, align)),
      )
      .join(' '.repeat(GAP))
      .trimEnd();
  const titles = line(
    used.map(({ title }) => title),
    () => colors.dim,
  );
  const lines = rows.map((row, rowIndex) =>
    line(cells[rowIndex] ?? [], (index) => used[index]?.color?.(row, colors) ?? ((text: string) => text)),
  );
  return [titles, ...lines].join('\n');
}

const inOneLine = (text: string): string => printable(text.replaceAll(/\s*\n\s*/g, ' '));

/** The widths of the columns: the widest that shrink give first. */
function fit(wanted: readonly number[], least: readonly (number | undefined)[], width: number): readonly number[] {
  const widths = [...wanted];
  let excess = wanted.reduce((sum, each) => sum + each, GAP * (wanted.length - 1)) - width;
  while (excess > 0) {
    let widest = -1;
    for (const [index, current] of widths.entries()) {
      if (current > (least[index] ?? Infinity) && current > (widths[widest] ?? 0)) widest = index;
    }
    if (widest === -1) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
}

function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'left' ? text + space : space + text;
}
