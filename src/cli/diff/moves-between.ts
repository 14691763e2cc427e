import type { Answer } from '../../evaluation/answer.js';
import type { CompiledFlag } from '../../evaluation/compiled-flag.js';
import { evaluateFlag } from '../../evaluation/evaluate.js';
import type { EvaluationContext } from '../../evaluation/evaluation-context.js';
import { sameJson } from '../../flags/same-json.js';
import type { CommandFlags } from '../served-flags.js';
import { flagsOf, suspectsBetween } from './suspects-between.js';

/** Who moves from which answer of a flag to which. */
export interface FlagMoves {
  readonly key: string;
  /** How many units get another answer. At least one. */
  readonly moved: number;
  /** How many units were asked about: the sum of all cells. */
  readonly units: number;
  /** From each answer to each, as far as any unit went that way; the diagonal holds those who stay. */
  readonly cells: readonly Move[];
  /** Why, where the flag itself is unchanged: the flags that it requires and the segments that changed. */
  readonly through: readonly string[];
}

export interface Move {
  readonly from: string;
  readonly to: string;
  readonly units: number;
  /** Whether the answer is the same: the same variant with the same value. */
  readonly stays: boolean;
}

/** One flag on both sides, and its answers in pairs. */
interface Compared {
  readonly key: string;
  readonly before: CompiledFlag | undefined;
  readonly after: CompiledFlag | undefined;
  readonly pairs: Map<Answer | undefined, Map<Answer | undefined, number>>;
}

/**
 * Evaluates every flag that may answer otherwise for every unit, by both, at one moment.
 *
 * @param units batches of evaluation contexts; read once
 * @param now milliseconds since the epoch
 * @returns the flags whose answers differ for at least one of the units, in the order of the documents
 */
export async function movesBetween(
  before: CommandFlags,
  after: CommandFlags,
  units: AsyncIterable<readonly EvaluationContext[]>,
  now: number,
): Promise<readonly FlagMoves[]> {
  const [old, next] = [flagsOf(before), flagsOf(after)];
  const suspects = suspectsBetween(before, after);
  const compared = Array.from(suspects.keys(), (key): Compared => ({
    key,
    before: old.get(key),
    after: next.get(key),
    pairs: new Map(),
  }));
  for await (const batch of units) {
    for (const flag of compared) {
      for (const context of batch) {
        const from = flag.before && evaluateFlag(flag.before, old, context, now);
        const to = flag.after && evaluateFlag(flag.after, next, context, now);
        // A flag has few answers, made when it was compiled: they are counted as they are.
        const row = flag.pairs.get(from) ?? new Map<Answer | undefined, number>();
        flag.pairs.set(from, row.set(to, (row.get(to) ?? 0) + 1));
      }
    }
  }
  return compared.map((flag) => summarise(flag, suspects.get(flag.key) ?? [])).filter(({ moved }) => moved > 0);
}

/** The moves by what people call the answers. */
function summarise({ key, pairs }: Compared, through: readonly string[]): FlagMoves {
  const cells = new Map<string, Move>();
  for (const [before, row] of pairs) {
    for (const [after, units] of row) {
      const [from, plainTo] = [labelOf(before), labelOf(after)];
      const stays = from === plainTo && sameJson(before?.value, after?.value);
      const to = from === plainTo && !stays ? `${plainTo} (new value)` : plainTo;
      const id = JSON.stringify([from, to]);
      cells.set(id, { from, to, stays, units: (cells.get(id)?.units ?? 0) + units });
    }
  }
  const moves = [...cells.values()];
  return { key, moved: sumOf(moves.filter(({ stays }) => !stays)), units: sumOf(moves), cells: moves, through };
}

const sumOf = (moves: readonly Move[]): number => moves.reduce((sum, { units }) => sum + units, 0);

function labelOf(answer: Answer | undefined): string {
  if (answer === undefined) return '(no such flag)';
  const { variant, reason, errorCode } = answer;
  if (errorCode !== undefined) return `(${errorCode})`;
  return variant ?? (reason === 'DISABLED' ? '(switched off)' : '(default)');
}
