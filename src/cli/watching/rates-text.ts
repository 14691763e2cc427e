import { percentage } from '../output/percentage.js';
import { type Column, table } from '../output/table.js';
import { cut } from '../output/text-width.js';
import type { Paper } from '../terminal.js';
import type { FlagRates, ServedConfig, VariantRates } from './metric-rates.js';
import type { Observation } from './watch-metrics.js';

interface Row extends VariantRates {
  readonly flagKey: string;
  /** Of the whole flag; said once. */
  readonly blockedPerSecond: number | undefined;
}

/**
 * What a person follows on a screen.
 *
 * @param stored the version of the store that the service should follow, if it is known
 */
export function ratesScreen(title: string, observation: Observation, stored: string | undefined, paper: Paper): string {
  const { bold, dim, red, yellow } = paper.colors;
  const heading = bold(cut(title, paper.columns));
  if (!observation.isUp) {
    const away = cut(`away since the last look: ${observation.why}`, paper.columns);
    return [heading, red(away), dim('It is asked again.')].join('\n');
  }
  const { at, config, flags } = observation;
  const state = (config.isStale ? red : dim)(cut(configInWords(config, at), paper.columns));
  const isBehind = stored !== undefined && config.version !== undefined && config.version !== stored;
  const behind = isBehind ? [yellow(cut(`It does not serve the store's version ${stored} yet.`, paper.columns))] : [];
  const above = [heading, state, ...behind, ''];
  return [
    ...above,
    flags === undefined ? 'Rates come with the second look.' : ratesTable(flags, at, above.length, paper),
  ].join('\n');
}

/** @param linesAbove how many lines of the screen are taken already */
function ratesTable(flags: readonly FlagRates[], at: number, linesAbove: number, paper: Paper): string {
  const rows = flags.flatMap(({ flagKey, blockedPerSecond, variants }): readonly Row[] => {
    const known = variants.length > 0 ? variants : [nobody];
    return known.map((variant, index) => ({
      ...variant,
      flagKey,
      blockedPerSecond: index === 0 ? blockedPerSecond : undefined,
    }));
  });
  if (rows.length === 0) return 'No flag was evaluated yet.';
  // The table's titles, the line that says how many are left out, and the one that the cursor stands on.
  const room = Math.max(1, (paper.rows ?? Infinity) - linesAbove - 3);
  const shown = table(rows.slice(0, room), columnsAt(at), paper);
  const rest = rows.length - room;
  return rest > 0
    ? `${shown}\n${paper.colors.dim(`… and ${rest} more: --selector flag_key=KEY shows one flag`)}`
    : shown;
}

/** A flag that was only blocked. */
const nobody: VariantRates = {
  variant: '',
  perSecond: 0,
  share: undefined,
  errorsPerSecond: 0,
  lastSeen: undefined,
};

const columnsAt = (at: number): readonly Column<Row>[] => [
  { title: 'FLAG', of: ({ flagKey }) => flagKey, shrinksTo: 12 },
  { title: 'VARIANT', of: ({ variant = '(default)' }) => variant, shrinksTo: 8 },
  { title: 'PER SECOND', of: ({ perSecond }) => rate(perSecond), align: 'right' },
  { title: 'SHARE', of: ({ share }) => (share === undefined ? '' : percentage(share * 100)), align: 'right' },
  {
    title: 'ERRORS/S',
    of: ({ errorsPerSecond }) => rate(errorsPerSecond),
    align: 'right',
    color: ({ errorsPerSecond }, { red }) => (errorsPerSecond > 0 ? red : (text) => text),
  },
  {
    title: 'BLOCKED/S',
    of: ({ blockedPerSecond }) => (blockedPerSecond === undefined ? '' : rate(blockedPerSecond)),
    align: 'right',
    color: ({ blockedPerSecond = 0 }, { red }) => (blockedPerSecond > 0 ? red : (text) => text),
  },
  {
    title: 'LAST SEEN',
    of: ({ lastSeen }) => (lastSeen === undefined ? '' : `${ageInWords(at - lastSeen)} ago`),
    align: 'right',
  },
];

/** What a log takes: a line for each flag that was evaluated or blocked, or one that says that none was. */
export function ratesLines(observation: Observation, { colors }: Paper): readonly string[] {
  const time = new Date(observation.at).toISOString();
  if (!observation.isUp) return [`${time} ${colors.red(`away: ${observation.why}`)}`];
  if (observation.flags === undefined) return [`${time} ${configInWords(observation.config, observation.at)}`];
  const stale = observation.config.isStale ? ' stale' : '';
  const active = observation.flags.filter(({ perSecond, blockedPerSecond }) => perSecond + blockedPerSecond > 0);
  if (active.length === 0) return [`${time}${stale} no evaluations`];
  return active.map(({ flagKey, perSecond, blockedPerSecond, variants }) => {
    const shares = variants
      .filter((each) => each.perSecond > 0)
      .map(({ variant = '(default)', share = 0 }) => `${variant} ${percentage(share * 100)}`);
    const errors = variants.reduce((sum, { errorsPerSecond }) => sum + errorsPerSecond, 0);
    const parts = [
      `${rate(perSecond)}/s`,
      ...shares,
      `errors ${rate(errors)}/s`,
      `blocked ${rate(blockedPerSecond)}/s`,
    ];
    return `${time}${stale} ${flagKey}: ${parts.join(', ')}`;
  });
}

function configInWords({ version, source, isStale, lastSuccess }: ServedConfig, at: number): string {
  if (version === undefined) return 'no flags are loaded there, or it has no metrics of Halyard';
  const age = lastSuccess === undefined ? 'never read' : `read ${ageInWords(at - lastSuccess)} ago`;
  return `${isStale ? 'STALE: ' : ''}version ${version} of ${source ?? 'an unknown source'}, ${age}`;
}

const rate = (value: number): string => (value >= 100 ? value.toFixed(0) : value === 0 ? '0' : value.toFixed(1));

function ageInWords(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
