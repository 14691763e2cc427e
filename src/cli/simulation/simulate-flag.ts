import type { Answer } from '../../evaluation/answer.js';
import { asUnit } from '../../evaluation/bucketing.js';
import type { CompiledFlag } from '../../evaluation/compiled-flag.js';
import { evaluateFlag } from '../../evaluation/evaluate.js';
import type { EvaluationContext } from '../../evaluation/evaluation-context.js';
import type { CommandFlags } from '../served-flags.js';
import { attributesReadAt } from '../units/bucketing-attributes.js';
import { type ChiSquaredTest, chiSquaredTest } from './chi-squared-test.js';
import { expectedShares } from './expected-shares.js';

/** What a flag answered to many units. */
export interface Simulation {
  readonly units: number;
  /** In the order of the flag's variants; `undefined` is the caller's default. */
  readonly shares: readonly VariantShare[];
  /** How many units each of these decided, by what people call it; the flag's own outcome is not among them. */
  readonly decidedElsewhere: ReadonlyMap<string, number>;
  /** How many the flag's own outcome would have placed by an attribute that they lack. */
  readonly withoutUnit: number;
  /** How many the flag's own outcome placed: only these can be compared with its shares. */
  readonly placed: number;
  /** `undefined`: nothing is left to chance. */
  readonly test: ChiSquaredTest | undefined;
}

export interface VariantShare {
  readonly variant: string | undefined;
  readonly units: number;
  /** How many of them the flag's own outcome placed here. */
  readonly placed: number;
  /** The share (0–1) of those that it places, by its definition; `undefined`: its own outcome doesn't decide. */
  readonly expected: number | undefined;
}

/** Evaluates a flag for each unit, at one moment. */
export async function simulateFlag(
  key: string,
  { runtime }: CommandFlags,
  batches: AsyncIterable<readonly EvaluationContext[]>,
  now: number,
): Promise<Simulation> {
  const { flags } = runtime.evaluator.current.set;
  const flag = flags.get(key);
  if (flag === undefined) throw new Error(`There is no flag ${key}.`);
  const readers = attributesReadAt(flag.outcome, now).map((name) => runtime.evaluator.readers.of(name));
  const lacksUnit = (context: EvaluationContext): boolean =>
    readers.some((read) => asUnit(read(context)) === undefined);
  // A flag has few answers, made when it was compiled, so they can be counted as they are.
  const counts = new Map<Answer, number>();
  const lacking = new Map<Answer, number>();
  for await (const batch of batches) {
    for (const context of batch) {
      const answer = evaluateFlag(flag, flags, context, now);
      const place = isOwn(answer) && lacksUnit(context) ? lacking : counts;
      place.set(answer, (place.get(answer) ?? 0) + 1);
    }
  }
  return summarise(flag, counts, lacking, now);
}

/** Whether the flag's own rollout, split or `serve` decided, and no target, rule, prerequisite or kill before it. */
const isOwn = ({ assignment, rule, reason, errorCode }: Answer): boolean =>
  errorCode === undefined && rule === undefined && assignment !== 'targeted' && ownReasons.has(reason);

const ownReasons: ReadonlySet<string> = new Set(['STATIC', 'DEFAULT', 'SPLIT']);

function summarise(
  { definition, outcome }: CompiledFlag,
  counts: ReadonlyMap<Answer, number>,
  lacking: ReadonlyMap<Answer, number>,
  now: number,
): Simulation {
  const own = new Map([...counts].filter(([answer]) => isOwn(answer)));
  const others = [...counts].filter(([answer]) => !isOwn(answer));
  const placed = sum(own.values());
  const expected = outcome === undefined || placed === 0 ? undefined : expectedShares(outcome, now);
  const all = byVariant([...counts, ...lacking]);
  const placedByVariant = byVariant(own);
  const order = [...(definition?.variants.keys() ?? []), undefined];
  const shares = order
    .filter((variant) => all.has(variant) || (expected?.get(variant) ?? 0) > 0)
    .map((variant) => ({
      variant,
      units: all.get(variant) ?? 0,
      placed: placedByVariant.get(variant) ?? 0,
      expected: expected === undefined ? undefined : (expected.get(variant) ?? 0),
    }));
  return {
    units: sum(all.values()),
    shares,
    decidedElsewhere: addUp(others.map(([answer, count]) => [deciderOf(answer), count])),
    withoutUnit: sum(lacking.values()),
    placed,
    test: chiSquaredTest(shares.map((share) => ({ count: share.placed, share: share.expected ?? 0 }))),
  };
}

/** What people call whatever decided. */
function deciderOf({ rule, reason, errorCode, errorMessage }: Answer): string {
  if (errorCode !== undefined) return `an error (${errorCode}: ${errorMessage ?? ''})`;
  if (rule !== undefined) return typeof rule === 'number' ? `rule ${rule}` : `rule ${JSON.stringify(rule)}`;
  switch (reason) {
    case 'TARGETING_MATCH':
      return 'a target';
    case 'PREREQUISITE_FAILED':
      return 'a flag that it requires';
    case 'DISABLED':
      return 'being switched off';
    default:
      return reason;
  }
}

const byVariant = (counts: Iterable<readonly [Answer, number]>): ReadonlyMap<string | undefined, number> =>
  addUp(Array.from(counts, ([{ variant }, count]) => [variant, count]));

function addUp<Key>(counts: Iterable<readonly [Key, number]>): ReadonlyMap<Key, number> {
  const sums = new Map<Key, number>();
  for (const [key, count] of counts) sums.set(key, (sums.get(key) ?? 0) + count);
  return sums;
}

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, each) => total + each, 0);
