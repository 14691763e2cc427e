import { type Answer, errorAnswer, FlagTallies } from '../../src/evaluation/answer.js';
import { evaluateFlag } from '../../src/evaluation/evaluate.js';
import { AttributeReaders, type EvaluationContext } from '../../src/evaluation/evaluation-context.js';
import { buildFlagSet, type FlagSet } from '../../src/evaluation/flag-set.js';
import type { FlagDocument, WrittenCondition } from '../../src/flags/flag-document.js';
import { emptyFlagState, type FlagState } from '../../src/flags/flag-state.js';
import { parseFlagDocument } from '../../src/flags/parse-flag-document.js';
import { FlagDocumentError } from '../../src/flags/problem.js';

const readers = new AttributeReaders({});
const tallies = new Map<string, FlagTallies>();
/** The documents that sets were made of. */
const documents = new WeakMap<FlagSet, unknown>();
const notFound = errorAnswer('FLAG_NOT_FOUND', 'no such flag', new FlagTallies());

/** A document as the evaluator has it, in one call. */
export function flagSetOf(document: unknown, previous?: FlagSet, state: FlagState = emptyFlagState): FlagSet {
  const parsed = parseFlagDocument(
    document,
    previous?.parsed && { previous: { document: documents.get(previous), parsed: previous.parsed } },
  );
  const local = { kills: new Map<string, number>(), overrides: new Map<string, string>() };
  const steps = buildFlagSet({ parsed, state, local, readers, notFound, tallies }, previous);
  for (;;) {
    const step = steps.next();
    if (step.done !== true) continue;
    documents.set(step.value, document);
    return step.value;
  }
}

export function evaluate({ flags }: FlagSet, key: string, context: EvaluationContext, now = 0): Answer {
  return evaluateFlag(flags.get(key)!, flags, context, now);
}

/** Whether a condition holds for a context. */
export function holds(when: WrittenCondition, context: object, segments: FlagDocument['segments'] = {}): boolean {
  const flags = { flag: { rules: [{ when, serve: 'on' }], serve: 'off' } };
  const set = flagSetOf({ version: 1, flags, segments });
  if (!set.flags.has('flag') || set.parsed?.refused.has('flag') === true)
    throw new FlagDocumentError(set.parsed?.problems ?? []);
  return evaluate(set, 'flag', context as EvaluationContext).variant === 'on';
}
