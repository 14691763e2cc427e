import { Option } from 'commander';
import type { EvaluationContext } from '../../evaluation/evaluation-context.js';
import type { CommandFlags } from '../served-flags.js';
import type { Terminal } from '../terminal.js';
import { bucketingAttributes } from '../units/bucketing-attributes.js';
import { unitSource } from '../units/unit-source.js';
import type { Moves } from './diff-text.js';
import { movesBetween } from './moves-between.js';

/** Among whom it is found out who moves. */
export interface MovesOptions {
  /** How many made-up units, or a file; `true`: the usual number. */
  readonly units?: string | true;
}

const USUAL_UNITS = '10000';

/** @param asks what the option asks for, as the help says it */
export const unitsOption = (asks: string): Option =>
  new Option(
    '-n, --units [number or file]',
    `${asks}: made-up units (${USUAL_UNITS}), or a file: a targeting key a line, JSON lines, or CSV; - is stdin`,
  );

/**
 * Who gets another answer by other flags.
 *
 * @param common the attributes that all units have
 * @param now milliseconds since the epoch
 * @throws CommandError for units that can't be read
 */
export async function findMoves(
  before: CommandFlags,
  after: CommandFlags,
  { units }: MovesOptions,
  { common, terminal, now }: { readonly common: EvaluationContext; readonly terminal: Terminal; readonly now: number },
): Promise<Moves> {
  const definitions = [before, after].flatMap(({ served }) => [...served.parsed.flags.values()]);
  const bucketedBy = bucketingAttributes(definitions, common);
  const given = typeof units === 'string' ? units : USUAL_UNITS;
  const source = unitSource({ given, common, bucketedBy }, terminal);
  return { among: source.name, flags: await movesBetween(before, after, source.batches, now) };
}
