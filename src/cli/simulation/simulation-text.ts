import { counted, whole } from '../output/counted.js';
import { percentage } from '../output/percentage.js';
import { type Column, table } from '../output/table.js';
import type { Colors, Paper } from '../terminal.js';
import type { ChiSquaredTest } from './chi-squared-test.js';
import type { Simulation, VariantShare } from './simulate-flag.js';

const BAR = 24;

/** A simulation as a person reads it: bars, what decided, and how the shares fit. */
export function simulationText(
  title: string,
  { units, shares, placed, decidedElsewhere, withoutUnit, test }: Simulation,
  paper: Paper,
): string {
  const columns = placed === units ? simpleColumns(units) : comparedColumns(units, placed);
  const decided = Array.from(decidedElsewhere, ([decider, count]) => `  ${whole(count)} by ${decider}`);
  if (withoutUnit > 0) decided.push(`  ${whole(withoutUnit)} by lacking the attribute that it is bucketed by`);
  if (decided.length > 0)
    decided.unshift(
      `Its own rollout or split placed ${whole(placed)} of ${whole(units)}; only they are compared. Decided elsewhere:`,
    );
  return [
    paper.colors.bold(title),
    '',
    units === 0 ? 'There are no units.' : table(shares, columns, paper),
    ...(decided.length > 0 ? ['', ...decided] : []),
    ...(test === undefined ? [] : ['', ...testText(test, paper.colors)]),
  ].join('\n');
}

const first: readonly Column<VariantShare>[] = [
  { title: 'VARIANT', of: ({ variant = '(default)' }) => variant, shrinksTo: 8 },
  { title: 'UNITS', of: ({ units }) => whole(units), align: 'right' },
];

const simpleColumns = (units: number): readonly Column<VariantShare>[] => [
  ...first,
  { title: 'SHARE', of: (share) => percentage((share.units / units) * 100), align: 'right' },
  expectedColumn,
  barColumn(units),
];

const comparedColumns = (units: number, placed: number): readonly Column<VariantShare>[] => [
  ...first,
  { title: 'SHARE', of: (share) => percentage((share.units / units) * 100), align: 'right' },
  {
    title: 'PLACED',
    of: (share) => (placed === 0 ? '' : percentage((share.placed / placed) * 100)),
    align: 'right',
  },
  expectedColumn,
  barColumn(units),
];

const expectedColumn: Column<VariantShare> = {
  title: 'EXPECTED',
  of: ({ expected }) => (expected === undefined ? '' : percentage(expected * 100)),
  align: 'right',
};

const barColumn = (units: number): Column<VariantShare> => ({
  title: '',
  of: (share) => '█'.repeat(Math.ceil((share.units / units) * BAR)),
  color: (_, { cyan }) => cyan,
  shrinksTo: 4,
});

function testText(
  { statistic, degreesOfFreedom, pValue, smallestExpected }: ChiSquaredTest,
  { green, yellow, red }: Colors,
): readonly string[] {
  const degrees = `${counted(degreesOfFreedom, 'degree')} of freedom`;
  const found = `Chi-squared ${round(statistic)}, ${degrees}, p ${pValue < 0.0001 ? '< 0.0001' : `= ${round(pValue)}`}`;
  const lines =
    pValue < 0.001
      ? [
          red(`${found}: these shares are not what chance makes.`),
          'Chance alone does this in fewer than 1 of 1,000 samples. Units that were picked',
          'by another rollout or split on the same seed do it, and so do repeated ones.',
        ]
      : [green(`${found}: as chance would have it.`)];
  if (smallestExpected < 5)
    lines.push(
      yellow(`Only ${round(smallestExpected)} units were expected of a variant; below 5, p is rough: take more.`),
    );
  return lines;
}

const round = (value: number): string => String(Number(value.toPrecision(3)));
