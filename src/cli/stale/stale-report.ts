import type { Answer } from '../answer.js';
import type { Finding } from '../findings/finding.js';
import type { RuleDescriptions } from '../findings/findings-as-sarif.js';
import type { FormatOptions } from '../findings/format-option.js';
import { reportFindings } from '../findings/report-findings.js';
import { counted } from '../output/counted.js';
import { dayOf, spanInWords } from '../output/relative-time.js';
import type { Reference } from '../refs/scan-project.js';
import type { Paper } from '../terminal.js';
import { lifecycleData } from '../usage/flag-lifecycles.js';
import { type NextCommands, nextStep, type StaleFlag } from './stale-flags.js';

const STALE_RULES: RuleDescriptions = new Map([
  ['stale-flag', 'A flag decides nothing any more, or its end is over: its code and then the flag itself can go.'],
]);

export interface StaleReport {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** What could not be found out, a line each. */
  readonly notes: readonly string[];
  readonly commands: NextCommands;
}

/** The answer of `halyard stale`: the flags with their evidence, or a warning for each. */
export function reportStale(
  flags: readonly StaleFlag[],
  options: FormatOptions,
  { now, notes, commands }: StaleReport,
): Answer {
  const findings = flags.map((flag) => findingOf(flag, now, nextStep(flag, commands)));
  const report = reportFindings(findings, {
    ...options,
    sourceOf: () => undefined,
    rules: STALE_RULES,
    nothingFound: NOTHING,
  });
  const data = { flags: flags.map((flag) => dataOf(flag, nextStep(flag, commands))), findings };
  return {
    ...report,
    data,
    text: (paper) => {
      if (options.format === 'json') return JSON.stringify(data, undefined, 2);
      return options.format === 'text' ? staleText(flags, paper, { now, commands }) : report.text(paper);
    },
    notes: [...notes, ...(report.notes ?? [])],
  };
}

const NOTHING = 'No flag is stale.';

function staleText(
  flags: readonly StaleFlag[],
  { colors: { bold, cyan, dim } }: Paper,
  { now, commands }: Pick<StaleReport, 'now' | 'commands'>,
): string {
  if (flags.length === 0) return NOTHING;
  const blocks = flags.map((flag) => {
    const { life, requiredBy } = flag;
    return [
      [bold(life.key), dim(life.kind), life.owner ?? dim('no owner')].join('  '),
      `  ${outcome(flag)}`,
      `  ${dim('why')}             ${life.why}`,
      `  ${dim('last evaluated')}  ${evaluated(flag, now)}`,
      `  ${dim('in code')}         ${inCode(flag)}`,
      ...(requiredBy.length === 0 ? [] : [`  ${dim('required by')}     ${requiredBy.join(', ')}`]),
      `  ${dim('next')}            ${cyan(nextStep(flag, commands))}`,
    ].join('\n');
  });
  return [...blocks, `${counted(flags.length, 'flag')} can go.`].join('\n\n');
}

/** `on for everyone since 2026-07-01` */
function outcome({ life: { settled } }: StaleFlag): string {
  if (settled === undefined) return 'it still decides who gets what';
  const since = settled.since === undefined ? '' : ` since ${dayOf(settled.since)}`;
  return `${settled.variant ?? "the caller's default"} for everyone${since}`;
}

/** Unknown doesn't mean unused. */
function evaluated({ life: { lastEvaluatedAt } }: StaleFlag, now: number): string {
  if (lastEvaluatedAt === undefined) return 'unknown';
  return `${spanInWords(now - lastEvaluatedAt.getTime())} ago`;
}

/** `4 reads in 3 files, 1 more in tests` */
function inCode({ reads, others }: StaleFlag): string {
  const files = new Set(reads.map(({ file }) => file)).size;
  const read = reads.length === 0 ? 'no reads' : `${counted(reads.length, 'read')} in ${counted(files, 'file')}`;
  return others.length === 0 ? read : `${read}, ${others.length} more in tests or to steer it`;
}

function findingOf(flag: StaleFlag, now: number, next: string): Finding {
  const { life, reads } = flag;
  const [first] = reads;
  const parts = [outcome(flag), life.why, `last evaluated: ${evaluated(flag, now)}`, inCode(flag)];
  return {
    severity: 'warning',
    rule: 'stale-flag',
    message: `\`${life.key}\` can go: ${parts.join('; ')}. Next: ${next}`,
    ...(first && { file: first.file, line: first.line, column: first.column }),
    flagKey: life.key,
  };
}

function dataOf(flag: StaleFlag, next: string): object {
  const { life, reads, others, requiredBy } = flag;
  const { key, kind, owner, ticket } = life;
  return {
    key,
    kind,
    owner,
    ticket,
    ...lifecycleData(life),
    reads: reads.map(placeData),
    others: others.map(placeData),
    requiredBy,
    next,
  };
}

const placeData = ({ file, line, column, kind }: Reference): object => ({ file, line, column, kind });
