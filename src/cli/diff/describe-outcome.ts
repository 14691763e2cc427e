import { isMapping } from '../../flags/parsing/read-fields.js';
import type { DescribedDifference } from './describe-changes.js';
import { leafDifferences, type LeafDifference, listChanges } from './leaf-differences.js';
import { inlineValue } from '../output/inline-value.js';
import { variantName } from './plain-words.js';

/** What is different about a part of an outcome (`serve`, `rollout`, `split`) or any other field of a flag or rule. */
export function describeOutcome(field: string, before: unknown, after: unknown): readonly DescribedDifference[] {
  const [old, next] = [spelledOut(field, before), spelledOut(field, after)];
  // Several shorthands mean the same: that is a difference for whoever reads the file, and for nobody else.
  if (JSON.stringify(old) === JSON.stringify(next)) {
    const words = `${field}: ${inlineValue(before)} → ${inlineValue(after)}, which means the same`;
    return [{ path: [field], before, after, words }];
  }
  const leaves = leafDifferences(old, next, [field]);
  return leaves.map((leaf) => ({ ...leaf, words: wordsOf(leaf) ?? leaf.words }));
}

/** `rollout: 10` is `{ percentage: 10 }`, and a split without details is its weights. */
function spelledOut(field: string, written: unknown): unknown {
  if (field === 'rollout' && typeof written === 'number') return { percentage: written };
  if (field === 'split' && isMapping(written) && !isMapping(written['weights'])) return { weights: written };
  if (field === 'serve' && typeof written === 'boolean') return variantName(written);
  return written;
}

function wordsOf({ path, before, after }: LeafDifference): string | undefined {
  const [field, name, ...rest] = path;
  if (Array.isArray(before) !== Array.isArray(after)) return undefined;
  switch (field) {
    case 'serve':
      if (after === undefined) return `no longer serves ${variantName(before)} to everyone`;
      return `now serves ${variantName(after)}${before === undefined ? '' : ` (was ${variantName(before)})`}`;
    case 'rollout':
      return rolloutWords(name, before, after);
    case 'split':
      return splitWords(name, rest, before, after);
    case 'variants':
      // Two lists are a list's changes, or the order of an object's names.
      if (name === undefined || rest.length > 0 || (Array.isArray(before) && Array.isArray(after))) return undefined;
      return variantWords(name, before, after);
    case 'targets':
      return name === undefined ? undefined : targetWords(name, before, after);
    default:
      return undefined;
  }
}

function rolloutWords(name: string | undefined, before: unknown, after: unknown): string | undefined {
  if (name === undefined) {
    if (after === undefined) return `no rollout any more (was ${rolloutInWords(before)})`;
    if (before === undefined) return `rollout ${rolloutInWords(after)} (added)`;
    return undefined;
  }
  return name === 'percentage' ? `rollout ${arrow(before, after, percent)}` : undefined;
}

const percent = (value: unknown): string => `${inlineValue(value)} %`;

const rolloutInWords = (written: unknown): string =>
  isMapping(written) && Object.keys(written).length === 1 && 'percentage' in written
    ? percent(written['percentage'])
    : inlineValue(written);

function splitWords(
  name: string | undefined,
  [variant]: readonly string[],
  before: unknown,
  after: unknown,
): string | undefined {
  if (name === undefined) {
    const weights = (written: unknown): string => (isMapping(written) ? sharesInWords(written) : inlineValue(written));
    if (after === undefined) return `no split any more (was ${weights(before)})`;
    return before === undefined ? `split ${weights(after)} (added)` : undefined;
  }
  return name === 'weights' && variant !== undefined
    ? `split ${variant} ${arrow(before, after, inlineValue)}`
    : undefined;
}

function sharesInWords(written: Readonly<Record<string, unknown>>): string {
  const { weights, ...others } = written;
  if (!isMapping(weights) || Object.keys(others).length > 0) return inlineValue(written);
  return Object.entries(weights)
    .map(([variant, weight]) => `${variant} ${inlineValue(weight)}`)
    .join(' / ');
}

function variantWords(name: string, before: unknown, after: unknown): string {
  if (before === undefined) return `variant ${name} added: ${inlineValue(after)}`;
  if (after === undefined) return `variant ${name} removed (was ${inlineValue(before)})`;
  return `variant ${name}: ${inlineValue(before)} → ${inlineValue(after)}`;
}

function targetWords(variant: string, before: unknown, after: unknown): string {
  const name = `targets of ${variant}`;
  if (Array.isArray(before) && Array.isArray(after)) return `${name}: ${listChanges(before, after)}`;
  if (before === undefined) return `${name} added: ${inlineValue(after)}`;
  return after === undefined
    ? `${name} removed (were ${inlineValue(before)})`
    : `${name}: ${inlineValue(before)} → ${inlineValue(after)}`;
}

/** `10 → 25`, or that it came or went. */
export function arrow(before: unknown, after: unknown, show: (value: unknown) => string): string {
  if (before === undefined) return `${show(after)} (added)`;
  if (after === undefined) return `removed (was ${show(before)})`;
  return `${show(before)} → ${show(after)}`;
}
