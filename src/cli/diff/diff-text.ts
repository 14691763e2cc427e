import { whole } from '../output/counted.js';
import { table } from '../output/table.js';
import type { Colors, Paper } from '../terminal.js';
import type { DescribedChange } from './describe-changes.js';
import type { FlagMoves } from './moves-between.js';

/** Who moves, among whom. */
export interface Moves {
  /** E.g. `10,000 made-up units`. */
  readonly among: string;
  readonly flags: readonly FlagMoves[];
}

/** Changes and moves as a person reads them in a terminal. */
export function diffText(changes: readonly DescribedChange[], moves: Moves | undefined, paper: Paper): string {
  const told = changes.length === 0 ? ['Nothing is different.'] : changes.map((change) => changeText(change, paper));
  return [...told, ...(moves === undefined ? [] : ['', movesText(moves, paper)])].join('\n');
}

/** Each difference in words, by what it is about. */
export function changeText(change: DescribedChange, { colors }: Paper): string {
  const { kind, differences } = change;
  const name = colors.bold(nameOf(change));
  const words = differences.map((each) => colorOf(kind, each.words, colors));
  return words.length === 1
    ? `${name}: ${words.join('')}`
    : [`${name}:`, ...words.map((each) => `  ${each}`)].join('\n');
}

function colorOf(kind: DescribedChange['kind'], words: string, { green, red, yellow }: Colors): string {
  return (kind === 'added' ? green : kind === 'removed' ? red : yellow)(words);
}

export function nameOf({ subject, name }: DescribedChange): string {
  return subject === 'segment' ? `segment ${name}` : subject === 'state' ? `${name} (state)` : name;
}

/** A small matrix for each flag whose answers differ. */
function movesText({ among, flags }: Moves, paper: Paper): string {
  const { bold, dim } = paper.colors;
  if (flags.length === 0) return `Nobody moves, of ${among}.`;
  const each = flags.map((flag) => {
    const { from, to } = sidesOf(flag);
    const matrix = table(
      from,
      [
        { title: 'FROM \\ TO', of: (variant) => variant, shrinksTo: 8 },
        ...to.map((variant) => ({
          title: variant,
          of: (row: string) => whole(unitsIn(flag, row, variant)),
          align: 'right' as const,
          color: (row: string, { yellow }: Colors) => (isMove(flag, row, variant) ? yellow : (text: string) => text),
        })),
      ],
      paper,
    );
    const why = flag.through.length === 0 ? '' : dim(`  (through ${flag.through.join(', ')})`);
    return `${bold(flag.key)}: ${movedInWords(flag)}${why}\n${matrix.replaceAll(/^/gm, '  ')}`;
  });
  return [`Who moves, of ${among}:`, ...each].join('\n\n');
}

export const movedInWords = ({ moved, units }: FlagMoves): string => `${whole(moved)} of ${whole(units)} move`;

/** The answers that units come from and go to, each once, in the same order on both sides. */
export function sidesOf({ cells }: FlagMoves): { readonly from: readonly string[]; readonly to: readonly string[] } {
  return {
    from: [...new Set(cells.map(({ from }) => from))].sort(),
    to: [...new Set(cells.map(({ to }) => to))].sort(),
  };
}

export const unitsIn = ({ cells }: FlagMoves, from: string, to: string): number =>
  cells.find((cell) => cell.from === from && cell.to === to)?.units ?? 0;

const isMove = ({ cells }: FlagMoves, from: string, to: string): boolean =>
  cells.some((cell) => cell.from === from && cell.to === to && !cell.stays && cell.units > 0);
