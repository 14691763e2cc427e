import { whole } from '../output/counted.js';
import type { DescribedChange } from './describe-changes.js';
import { movedInWords, type Moves, nameOf, sidesOf, unitsIn } from './diff-text.js';
import type { FlagMoves } from './moves-between.js';

/** Changes and moves for the comment on a pull request. */
export function diffMarkdown(changes: readonly DescribedChange[], moves: Moves | undefined): string {
  const told =
    changes.length === 0
      ? ['No flag is different.']
      : ['| flag | what changes |', '| --- | --- |', ...changes.map(changeRow)];
  return ['### Flags', '', ...told, ...(moves === undefined ? [] : ['', ...movesLines(moves)])].join('\n');
}

function changeRow(change: DescribedChange): string {
  return `| **${escape(nameOf(change))}** | ${change.differences.map(({ words }) => escape(words)).join('<br>')} |`;
}

function movesLines({ among, flags }: Moves): readonly string[] {
  if (flags.length === 0) return [`Nobody moves, of ${among}.`];
  return [`#### Who moves, of ${escape(among)}`, ...flags.flatMap(matrixLines)];
}

function matrixLines(flag: FlagMoves): readonly string[] {
  const { from, to } = sidesOf(flag);
  const why = flag.through.length === 0 ? '' : ` (through ${escape(flag.through.join(', '))})`;
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    '',
    `**${escape(flag.key)}**: ${movedInWords(flag)}${why}`,
    '',
    row(['from \\ to', ...to.map(escape)]),
    row(['---', ...to.map(() => '--:')]),
    ...from.map((variant) => row([escape(variant), ...to.map((each) => whole(unitsIn(flag, variant, each)))])),
  ];
}

/** Nothing that a document says becomes a table's border, a link, a mention or HTML. */
const escape = (text: string): string =>
  text
    .replaceAll(/[\\`*_{}[\]()#|~!]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('@', '@\u200b')
    .replaceAll(/\r?\n/g, ' ');
