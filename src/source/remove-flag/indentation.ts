/** Where the line starts that an offset is on. */
export const lineStartOf = (text: string, offset: number): number => text.lastIndexOf('\n', offset - 1) + 1;

/** Where the line ends that an offset is on: after its line break. */
export function lineEndOf(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end === -1 ? text.length : end + 1;
}

/** How many spaces or tabs the line starts with that an offset is on. */
export function indentOfLine(text: string, offset: number): number {
  const start = lineStartOf(text, offset);
  return /^[ \t]*/.exec(text.slice(start, start + LONGEST_INDENT))?.[0].length ?? 0;
}

const LONGEST_INDENT = 1000;

/** Whether nothing but space stands before an offset on its line. */
export const startsLine = (text: string, offset: number): boolean =>
  text.slice(lineStartOf(text, offset), offset).trim() === '';

/**
 * How far the lines of a part of a text are indented, by its last one, which closes what the first has opened. The first
 * counts if it is the only one.
 */
export const indentOfLastLine = (text: string, start: number, end: number): number =>
  indentOfLine(text, text.slice(start, end).includes('\n') ? end : start);
