import { parseValidDocument } from '../../stores/valid-document.js';
import { checkOptions, isListOfTexts, isObject, isText, type OptionChecks } from '../../options/check-options.js';
import type { FlagDocument } from '../../flags/flag-document.js';
import { readFlags } from '../kit/read-flags.js';
import { readAnswers } from './answer-log.js';
import { type TestedFlag, testedFlags, type VariantsByKey } from './tested-flags.js';

export interface UntestedSidesOptions {
  /**
   * The flags that tests should run: a document, or the path or paths of its files. Those that no test reads are listed,
   * too, and others aren't. Default: the flags that tests read.
   */
  readonly flags?: string | readonly string[] | FlagDocument | undefined;
  /** Keys of flags that are left out. Default: none. */
  readonly ignore?: readonly string[] | undefined;
  /** Which flags are listed: those with variants that no test ran, or all. Default: `untested`. */
  readonly show?: 'untested' | 'all' | undefined;
}

/** What a run's tests left out. `toString()` prints it for people. */
export interface UntestedSides {
  /** All flags that were looked at. */
  readonly flags: readonly TestedFlag[];
  /** Those of them with variants that no test ran. */
  readonly untested: readonly TestedFlag[];
  toString(): string;
}

export const untestedSidesChecks: OptionChecks<UntestedSidesOptions> = {
  flags: {
    allowed: 'a flag document, or the path or paths of its files',
    isRight: (value) => isText(value) || isListOfTexts(value) || isObject(value),
  },
  ignore: { allowed: 'a list of flag keys', isRight: isListOfTexts },
  show: { allowed: '"untested" or "all"', isRight: (value) => value === 'untested' || value === 'all' },
};

/**
 * Which variants of flags no test ran, of tests that ran with `HALYARD_TEST_REPORT` set to this folder. The reporters do
 * this at the end of a run; this is for what several runs left, of shards or of several runners.
 *
 * @throws FlagDocumentError if `flags` has errors; TypeError for an option that is wrong
 */
export function untestedSides(folder: string, options: UntestedSidesOptions = {}): UntestedSides {
  checkOptions('untestedSides', options, untestedSidesChecks);
  const { ignore = [], show = 'untested' } = options;
  const known = options.flags === undefined ? undefined : variantsIn(options.flags);
  const flags = testedFlags(readAnswers(folder), known).filter(({ flagKey }) => !ignore.includes(flagKey));
  const untested = flags.filter((flag) => flag.untested.length > 0);
  const text = print(flags, untested, show === 'all' ? flags : untested);
  return { flags, untested, toString: () => text };
}

function variantsIn(source: string | readonly string[] | FlagDocument): VariantsByKey {
  const { flags } = parseValidDocument(readFlags('untestedSides', source));
  return new Map(Array.from(flags, ([key, { variants }]) => [key, [...variants.keys()]]));
}

function print(all: readonly TestedFlag[], untested: readonly TestedFlag[], listed: readonly TestedFlag[]): string {
  const width = Math.max(...listed.map(({ flagKey }) => flagKey.length));
  return [titleOf(all.length, untested.length), ...listed.map((flag) => printFlag(flag, width))].join('\n');
}

function titleOf(all: number, untested: number): string {
  if (all === 0) return 'Flags: no test read one through halyard/testing.';
  if (untested > 0) return `Flags: ${untested} of ${all} ${untested === 1 ? 'has' : 'have'} sides that no test ran.`;
  return `Flags: tests ran every side of ${all === 1 ? '1 flag' : `${all} flags`}.`;
}

function printFlag({ flagKey, variants, untested, isRead }: TestedFlag, width: number): string {
  const sides = variants.map((variant) => `${variant} ${untested.includes(variant) ? '✗' : '✓'}`);
  return `  ${flagKey.padEnd(width)}  ${sides.join('  ')}${isRead ? '' : '  (never read)'}`;
}
