import { plainTests } from './plain-tests.js';
import { readRecorded } from './recorded.js';
import { baseRates, harmless, type Outcome } from './scenarios.js';

const percent = (share: number): string => `${Number((share * 100).toFixed(1))} %`;

const row = (...cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

const table = (head: readonly string[], rows: readonly string[]): string =>
  [row(...head), row(...head.map(() => '---')), ...rows].join('\n');

function time(minutes: number | undefined): string {
  if (minutes === undefined) return '–';
  return minutes < 180 ? `${minutes} min` : `${Number((minutes / 60).toFixed(1))} h`;
}

const median = ({ minutes }: Outcome): string => time(minutes[10]);
const ninety = ({ minutes }: Outcome): string => time(minutes[18]);

/** The tables of docs/watched-rollouts.md, from what the simulations recorded. */
export function tables(): Readonly<Record<string, string>> {
  const byHand = readRecorded<number>('threshold-harmless');
  const outcomes = (group: string): readonly (readonly [string, Outcome])[] => Object.entries(readRecorded(group));
  return {
    harmless: table(
      ['errors of the service', 'by hand, every hour', 'Halyard, every minute'],
      baseRates.flatMap((rate) =>
        harmless(rate).map(({ name }) => {
          const found = readRecorded<Pick<Outcome, 'runs' | 'rolledBack'>>(`harmless-${rate}`)[name];
          return row(name, percent(byHand[name] ?? NaN), `${percent(found?.rolledBack ?? NaN)} of ${found?.runs ?? 0}`);
        }),
      ),
    ),
    harmful: table(
      ['errors, from out to in', 'rolled back', 'while 1 % are in', 'half within', '90 % within', 'units harmed'],
      outcomes('harmful').map(([name, one]) =>
        row(
          name,
          percent(one.rolledBack),
          percent(one.byStage[0] ?? 0),
          median(one),
          ninety(one),
          one.unitsHarmed ?? '–',
        ),
      ),
    ),
    byStage: table(
      ['from 1 % to 3 % errors', 'rolled back', 'half within', '90 % within', 'units harmed'],
      outcomes('by-stage').map(([name, one]) =>
        row(name, percent(one.rolledBack), median(one), ninety(one), one.unitsHarmed ?? '–'),
      ),
    ),
    traffic: table(
      ['traffic', 'rolled back', 'half within', '90 % within', 'units harmed'],
      outcomes('traffic').map(([name, one]) =>
        row(name, percent(one.rolledBack), median(one), ninety(one), one.unitsHarmed ?? '–'),
      ),
    ),
    hardest: table(
      ['harmless, for a day', 'rolled back'],
      outcomes('hardest').map(([name, one]) => row(name, percent(one.rolledBack))),
    ),
    plain: table(
      ['harmless, for a day', ...plainTests],
      Object.entries(readRecorded<Readonly<Record<string, number>>>('plain-tests')).map(([name, found]) =>
        row(name, ...plainTests.map((test) => percent(found[test] ?? NaN))),
      ),
    ),
  };
}
