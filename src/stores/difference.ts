import { documentChanges } from '../flags/editing/document-changes.js';
import { sameJson } from '../flags/same-json.js';
import type { Difference } from './flag-store.js';

/** What a store holds, as values that JSON can hold. */
export interface Comparable {
  readonly document: unknown;
  readonly state: object;
}

/**
 * What is different between two moments of a store: `flags.KEY.NAME`, `segments.NAME` and `state.kills.KEY` for what
 * changed inside, `flags.KEY` for a flag that came or went.
 */
export function differenceBetween(before: Comparable, after: Comparable): readonly Difference[] {
  const document = documentChanges(before.document, after.document).map((change) =>
    toDifference(change.path, change.before, change.after),
  );
  return [...document, ...stateChanges(before.state, after.state)];
}

/** The state has parts, such as `kills`, and each part has entries by flag key. */
function stateChanges(before: object, after: object): readonly Difference[] {
  return namesOf(before, after).flatMap((part) => {
    const [old, next] = [entriesOf(own(before, part)), entriesOf(own(after, part))];
    return namesOf(old, next)
      .filter((key) => !sameJson(own(old, key), own(next, key)))
      .map((key) => toDifference(['state', part, key], own(old, key), own(next, key)));
  });
}

function toDifference(path: readonly string[], before: unknown, after: unknown): Difference {
  return {
    path: path.join('.'),
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  };
}

function namesOf(...values: readonly object[]): readonly string[] {
  return [...new Set(values.flatMap((value) => Object.keys(value)))];
}

function entriesOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

function own(entries: object, key: string): unknown {
  return Object.hasOwn(entries, key) ? Reflect.get(entries, key) : undefined;
}
