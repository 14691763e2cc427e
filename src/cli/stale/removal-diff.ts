import { createTwoFilesPatch } from 'diff';
import type { Colors } from '../terminal.js';
import type { FileChange } from './plan-removal.js';

/** A change as a unified diff, which `git apply` and `patch` take. */
export function diffOf({ file, before, after }: FileChange): string {
  const name = file.replaceAll('\\', '/');
  const patch = createTwoFilesPatch(`a/${name}`, `b/${name}`, before, after, undefined, undefined, { context: 3 });
  // The first line is a ruler that no other tool writes.
  return patch.replace(/^=+\n/, '').trimEnd();
}

/** As git shows it. */
export function colorDiff(diff: string, { bold, cyan, green, red }: Colors): string {
  const paint = (line: string): string => {
    if (line.startsWith('+++') || line.startsWith('---')) return bold(line);
    if (line.startsWith('@@')) return cyan(line);
    if (line.startsWith('+')) return green(line);
    return line.startsWith('-') ? red(line) : line;
  };
  return diff.split('\n').map(paint).join('\n');
}
