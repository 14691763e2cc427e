import { isMapping } from '../../flags/parsing/read-fields.js';
import { documentChanges } from '../../flags/editing/document-changes.js';
import { describeFlagField } from './describe-flag-field.js';
import { inlineValue } from '../output/inline-value.js';
import { leafDifferences } from './leaf-differences.js';

/** What is different about one flag, one segment, or the document itself. */
export interface DescribedChange {
  readonly subject: 'flag' | 'segment' | 'document' | 'state';
  /** The flag's key, the segment's name, or what the document or the state calls it. */
  readonly name: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** In the order of the document. At least one, each with its words. */
  readonly differences: readonly DescribedDifference[];
}

/** One difference, exact and in words. */
export interface DescribedDifference {
  /** Inside of the flag or segment, e.g. `['rollout', 'percentage']`; empty: all of it. */
  readonly path: readonly string[];
  /** `undefined`: it was not there. */
  readonly before: unknown;
  /** `undefined`: it is not there any more. */
  readonly after: unknown;
  /** E.g. `rollout 10 % → 25 %`. */
  readonly words: string;
}

/**
 * What is different between two documents, for people. Nothing is left out: what has no words of its own is told as
 * `path: before → after`. The order of variants, weights and rules counts, because it decides who gets what; that of flags
 * does not.
 *
 * @param before plain data, as `readFlagDocumentText` gives it; `undefined`: none
 */
export function describeChanges(before: unknown, after: unknown): readonly DescribedChange[] {
  const found = new Map<string, DescribedChange>();
  for (const { path, before: old, after: next } of documentChanges(before, after)) {
    const change = describeChange(path, old, next);
    const id = JSON.stringify([change.subject, change.name]);
    const known = found.get(id);
    found.set(
      id,
      known === undefined ? change : { ...known, differences: [...known.differences, ...change.differences] },
    );
  }
  return [...found.values()];
}

function describeChange(path: readonly string[], before: unknown, after: unknown): DescribedChange {
  const [root = '', name, field] = path;
  // A document that came or went with all its flags is one change.
  if (name === undefined)
    return changed('document', root, [{ path: [], before, after, words: fallback(before, after) }]);
  if (root === 'segments') return describeSegment(name, before, after);
  return field === undefined
    ? describeWholeFlag(name, before, after)
    : changed('flag', name, describeFlagField(field, before, after));
}

function describeWholeFlag(name: string, before: unknown, after: unknown): DescribedChange {
  const kind = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
  const words =
    kind === 'added' ? `added: ${inlineValue(after)}` : kind === 'removed' ? 'removed' : fallback(before, after);
  return { subject: 'flag', name, kind, differences: [{ path: [], before, after, words }] };
}

function describeSegment(name: string, before: unknown, after: unknown): DescribedChange {
  if (before === undefined || after === undefined) {
    const words = before === undefined ? `added: ${inlineValue(after)}` : 'removed';
    const kind = before === undefined ? 'added' : 'removed';
    return { subject: 'segment', name, kind, differences: [{ path: [], before, after, words }] };
  }
  return changed('segment', name, leafDifferences(before, after));
}

const changed = (
  subject: DescribedChange['subject'],
  name: string,
  differences: readonly DescribedDifference[],
): DescribedChange => ({ subject, name, kind: 'changed', differences });

const fallback = (before: unknown, after: unknown): string =>
  isMapping(before) && isMapping(after) ? 'written anew' : `${inlineValue(before)} → ${inlineValue(after)}`;
