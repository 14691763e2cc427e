import type { Evaluator } from '../../runtime/evaluator.js';
import type { Snapshot } from '../../runtime/snapshot.js';

/**
 * Stands between an evaluator and everything that reads through it: direct calls, requests, guards, OpenFeature's
 * clients. Only this one evaluator has what comes between; the others pay nothing for it.
 *
 * @param before which flags to read in place of those given. `key` is `undefined` where all flags are read.
 * What it throws, the reader gets.
 */
export function interceptReads(
  evaluator: Evaluator,
  before: (snapshot: Snapshot, key: string | undefined) => Snapshot,
): void {
  const read = evaluator.read.bind(evaluator);
  const details = evaluator.details.bind(evaluator);
  const answer = evaluator.answer.bind(evaluator);
  const all = evaluator.all.bind(evaluator);
  const explain = evaluator.explain.bind(evaluator);
  evaluator.read = (type, key, fallback, context, snapshot) =>
    read(type, key, fallback, context, before(snapshot ?? evaluator.current, key));
  evaluator.details = (key, fallback, context, snapshot, type) =>
    details(key, fallback, context, before(snapshot ?? evaluator.current, key), type);
  evaluator.answer = (key, context, snapshot) => answer(key, context, before(snapshot ?? evaluator.current, key));
  evaluator.all = (context, snapshot) => all(context, before(snapshot ?? evaluator.current, undefined));
  evaluator.explain = (key, context, snapshot) =>
    explain(key, context, before(snapshot ?? evaluator.current, undefined));
}
