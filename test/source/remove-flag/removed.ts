import { faultsOf, parseSource } from '../../../src/cli/refs/parse-source.js';
import { findFlagReads } from '../../../src/source/find-flag-reads.js';
import type { AnswerValue, Winner } from '../../../src/source/remove-flag/read-answer.js';
import { removeFlags } from '../../../src/source/remove-flag/remove-flag.js';
import { applyEdits } from '../../../src/source/remove-flag/text-edits.js';
import { readModule } from '../../../src/source/source-module.js';

interface Removed {
  readonly text: string;
  /** `line: why` */
  readonly leftovers: readonly string[];
}

/** What becomes of a file when flags are settled on these values; `undefined`: on the callers' defaults. */
export function removed(
  text: string,
  values: Readonly<Record<string, AnswerValue | undefined>> = { x: true },
  file = 'file.tsx',
): Removed {
  const program = parseSource(file, text);
  const winners = Object.entries(values).map(([key, value]): readonly [string, Winner] => [
    key,
    value === undefined ? { type: 'default' } : { type: 'value', value },
  ]);
  const reads = findFlagReads(program, { knownKeys: Object.keys(values) });
  const { edits, leftovers } = removeFlags(readModule(program), text, reads, new Map(winners));
  const after = applyEdits(text, edits);
  // What comes out must be a program again.
  const faults = faultsOf(file, after).filter((fault) => !faultsOf(file, text).includes(fault));
  if (faults.length > 0) throw new Error(`${faults.join(', ')}:\n${after}`);
  return { text: after, leftovers: leftovers.map(({ line, why }) => `${line}: ${why}`) };
}
