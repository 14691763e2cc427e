import { isScalar } from 'yaml';
import { isMapping } from '../parsing/read-fields.js';
import type { YamlTree } from './yaml-tree.js';

export interface LossyUnit {
  readonly path: readonly (string | number)[];
  /** As the text has it: `0123`. */
  readonly source: string;
  /** As JavaScript writes the number: `123`. */
  readonly number: string;
}

/** The units in `targets` that were written as numbers and would become other texts. */
export function lossyUnits(document: unknown, tree: YamlTree): readonly LossyUnit[] {
  if (!isMapping(document) || !isMapping(document['flags'])) return [];
  return Object.entries(document['flags']).flatMap(([key, flag]) => {
    const targets = isMapping(flag) ? flag['targets'] : undefined;
    return isMapping(targets)
      ? Object.entries(targets).flatMap(([variant, units]) =>
          lossyUnitsIn(units, ['flags', key, 'targets', variant], tree),
        )
      : [];
  });
}

function lossyUnitsIn(units: unknown, path: readonly string[], tree: YamlTree): readonly LossyUnit[] {
  if (!Array.isArray(units)) return [];
  return units.flatMap((unit: unknown, index) => {
    if (typeof unit !== 'number') return [];
    const at = [...path, index];
    const node = tree.valueAt(at);
    const number = String(unit);
    return isScalar(node) && node.source !== undefined && node.source !== number
      ? [{ path: at, source: node.source, number }]
      : [];
  });
}
