import { commentsIn } from '../flags/editing/comments-in.js';
import type { Problem } from '../flags/problem.js';
import type { SourceText } from '../stores/flag-store.js';

/** A warning for each text with comments that the other texts don't have. */
export function lostComments(from: readonly SourceText[], to: readonly SourceText[]): readonly Problem[] {
  const kept = new Map<string, number>();
  for (const { text } of to.flatMap((source) => commentsIn(source.text))) kept.set(text, (kept.get(text) ?? 0) + 1);
  return from.flatMap(({ name, text }) => {
    const lost = commentsIn(text).filter((comment) => {
      const left = kept.get(comment.text) ?? 0;
      kept.set(comment.text, left - 1);
      return left <= 0;
    });
    const [first] = lost;
    if (first === undefined) return [];
    const what = lost.length === 1 ? 'this comment is' : `this comment and ${lost.length - 1} more are`;
    const { line, column } = first;
    return [{ severity: 'warning' as const, path: [], message: `${what} not taken over.`, source: name, line, column }];
  });
}
