import { widthOf } from './text-width.js';

/**
 * A text in lines of at most `width` columns, broken between words; all but the first are indented. Words that are longer
 * stay whole.
 *
 * @param used how many columns of the first line are taken already
 */
export function wrap(text: string, width: number, indent: string, used = 0): string {
  const lines: string[] = [];
  let line = '';
  let room = width - used;
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (widthOf(longer) <= room || (lines.length > 0 && line === '')) {
      line = longer;
      continue;
    }
    lines.push(line);
    line = word;
    room = width - widthOf(indent);
  }
  return [...lines, line].join(`\n${indent}`);
}
