import type { Prerequisite } from '../flag-definition.js';
import { prerequisiteWords } from './foreign-words.js';
import { isVariantName, toVariantName } from '../names.js';
import type { Place, ProblemLog } from './problem-log.js';
import { isMapping, readFields } from './read-fields.js';
import { showValue } from '../show-value.js';

const noPrerequisites: readonly Prerequisite[] = [];

/** The flags that must serve a variant. Whether they exist is checked once all flags are known. */
export function parseRequires(value: unknown, flag: Place, log: ProblemLog): readonly Prerequisite[] {
  if (value === undefined) return noPrerequisites;
  const place: Place = { around: flag, step: 'requires' };
  if (!Array.isArray(value)) {
    log.error(
      place,
      `expected a list of prerequisites, found ${showValue(value)}. Write \`[{ flag: another-flag, variant: on }]\`.`,
    );
    return noPrerequisites;
  }
  return Array.from(value, (item: unknown, index) =>
    parsePrerequisite(item, { around: place, step: index }, log),
  ).filter((prerequisite) => prerequisite !== undefined);
}

function parsePrerequisite(value: unknown, place: Place, log: ProblemLog): Prerequisite | undefined {
  if (!isMapping(value)) {
    const flag = typeof value === 'string' ? value.slice(0, 40) : 'another-flag';
    log.error(place, `expected a prerequisite, found ${showValue(value)}. Write \`{ flag: ${flag}, variant: on }\`.`);
    return undefined;
  }
  const before = log.errorCount;
  const { flag, variant = 'on' } = readFields(
    value,
    { flag: undefined, variant: undefined },
    prerequisiteWords,
    place,
    log,
  );
  if (log.errorCount > before) return undefined;
  if (typeof flag !== 'string' || flag === '') {
    log.error(
      place,
      flag === undefined
        ? 'a prerequisite needs `flag`. Add `flag: another-flag`.'
        : `expected the key of a flag, found ${showValue(flag)}.`,
    );
    return undefined;
  }
  if ((typeof variant !== 'string' && typeof variant !== 'boolean') || !isVariantName(toVariantName(variant))) {
    log.error(place, `expected the name of a variant, found ${showValue(variant)}.`, 'variant');
    return undefined;
  }
  return { flag, variant: toVariantName(variant) };
}
