import type { FlagMetadata } from '../flag-definition.js';
import type { Place, ProblemLog } from './problem-log.js';
import { isMapping } from './read-fields.js';
import { isScalar } from './read-scalars.js';
import { showValue } from '../show-value.js';

const noMetadata: FlagMetadata = Object.freeze({});
const noTags: readonly string[] = [];

/** A flat, frozen mapping to texts, numbers and booleans. */
export function parseMetadata(value: unknown, flag: Place, log: ProblemLog): FlagMetadata {
  if (value === undefined) return noMetadata;
  const place: Place = { around: flag, step: 'metadata' };
  if (!isMapping(value)) {
    log.error(place, `expected a mapping, found ${showValue(value)}. Write \`{ name: value }\`.`);
    return noMetadata;
  }
  const metadata: Record<string, string | number | boolean> = {};
  for (const name of Object.keys(value)) {
    const item = value[name];
    if (name === '__proto__') log.error(place, "can't be a name here.", name);
    else if (isScalar(item)) metadata[name] = item;
    else log.error(place, `expected a text, a number or a boolean, found ${showValue(item)}.`, name);
  }
  return Object.freeze(metadata);
}

/** Words to find the flag by. */
export function parseTags(value: unknown, flag: Place, log: ProblemLog): readonly string[] {
  if (value === undefined) return noTags;
  if (!Array.isArray(value)) {
    log.error(
      flag,
      `expected a list of texts, found ${showValue(value)}.${typeof value === 'string' ? ` Write \`[${value.slice(0, 40)}]\`.` : ''}`,
      'tags',
    );
    return noTags;
  }
  return Array.from<unknown>(value).filter((tag, index): tag is string => {
    if (typeof tag === 'string' && tag !== '') return true;
    log.error(flag, `expected a text, found ${showValue(tag)}.`, 'tags', index);
    return false;
  });
}
