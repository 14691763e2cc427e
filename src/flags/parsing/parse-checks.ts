import type { QueryCheck, RolloutChecks } from '../flag-definition.js';
import { isKey, KEY_RULE } from '../names.js';
import { showValue } from '../show-value.js';
import { checkWords, queryWords } from './foreign-words.js';
import type { Place, ProblemLog } from './problem-log.js';
import { isMapping, readFields } from './read-fields.js';
import { isInRange, type NumberRange, numberMessage, readNumber, readText, readWord } from './read-scalars.js';

const MINUTE_MS = 60_000;

const share: NumberRange = { what: 'a share from 0 to below 1', minimum: 0, below: 1 };
const slowdown: NumberRange = { what: 'a share from 0 to 10, where 0.2 is 20 % slower', minimum: 0, maximum: 10 };
const duration: NumberRange = { what: 'a number of milliseconds above 0', above: 0 };
const minutes: NumberRange = { what: 'a number of minutes, 0 or more', minimum: 0, maximum: 100_000_000 };
const requests: NumberRange = { what: 'a whole number of requests, 0 or more', minimum: 0 };
const times: NumberRange = { what: 'a whole number of 1 or more', minimum: 1 };
const confidenceRange: NumberRange = { what: 'a share above 0.5 and below 1', above: 0.5, below: 1 };
const anyNumber: NumberRange = { what: 'a number' };

/** The `checks` of a rollout, with every default filled in. `undefined` after a problem. */
export function parseChecks(value: unknown, rollout: Place, log: ProblemLog): RolloutChecks | undefined {
  const place: Place = { around: rollout, step: 'checks' };
  if (!isMapping(value)) {
    log.error(place, `expected a mapping, found ${showValue(value)}. Write \`{ maxErrorRateIncrease: 0.01 }\`.`);
    return undefined;
  }
  const before = log.errorCount;
  const fields = readFields(value, blankChecks(), checkWords, place, log);
  const number = (name: keyof typeof fields, range: NumberRange): number | undefined =>
    readNumber(fields[name], range, name, place, log);
  const limits = {
    maxErrorRate: readShare(fields.maxErrorRate, share, 'maxErrorRate', place, log),
    maxErrorRateIncrease: readShare(fields.maxErrorRateIncrease, share, 'maxErrorRateIncrease', place, log),
    maxP99Ms: number('maxP99Ms', duration),
    maxP99Increase: readShare(fields.maxP99Increase, slowdown, 'maxP99Increase', place, log),
    queries: parseQueries(fields.queries, place, log),
  };
  const checks: RolloutChecks = {
    ...limits,
    maxErrorRateIncrease: measuresAnything(limits) ? limits.maxErrorRateIncrease : 0,
    minimumRequests: readWhole(fields.minimumRequests, requests, 'minimumRequests', place, log) ?? 100,
    onNoData: readWord(fields.onNoData, ['hold', 'rollback', 'promote'], 'onNoData', place, log) ?? 'hold',
    noDataGraceMs: (number('noDataGraceMinutes', minutes) ?? 10) * MINUTE_MS,
    failureLimit: readWhole(fields.failureLimit, times, 'failureLimit', place, log) ?? 3,
    cooldownMs: (number('cooldownMinutes', minutes) ?? 0) * MINUTE_MS,
    confidence: readShare(fields.confidence, confidenceRange, 'confidence', place, log) ?? 0.95,
  };
  return log.errorCount > before ? undefined : checks;
}

function blankChecks(): Record<keyof typeof checkFields, unknown> {
  return { ...checkFields };
}

const checkFields = {
  maxErrorRate: undefined,
  maxErrorRateIncrease: undefined,
  maxP99Ms: undefined,
  maxP99Increase: undefined,
  queries: undefined,
  minimumRequests: undefined,
  onNoData: undefined,
  noDataGraceMinutes: undefined,
  failureLimit: undefined,
  cooldownMinutes: undefined,
  confidence: undefined,
};

type Measures = Pick<
  RolloutChecks,
  'maxErrorRate' | 'maxErrorRateIncrease' | 'maxP99Ms' | 'maxP99Increase' | 'queries'
>;

function measuresAnything({ queries, ...limits }: Measures): boolean {
  return queries.length > 0 || Object.values(limits).some((limit) => limit !== undefined);
}

/** A share, which people often write in percent. */
function readShare(
  value: unknown,
  range: NumberRange,
  name: string,
  place: Place,
  log: ProblemLog,
): number | undefined {
  const asShare = typeof value === 'number' ? value / 100 : NaN;
  if (value === undefined || typeof value !== 'number' || isInRange(value, range) || !isInRange(asShare, range)) {
    return readNumber(value, range, name, place, log);
  }
  log.error(place, `${numberMessage(value, range)} Write ${asShare} for ${value} %.`, name);
  return undefined;
}

function readWhole(
  value: unknown,
  range: NumberRange,
  name: string,
  place: Place,
  log: ProblemLog,
): number | undefined {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return readNumber(value, range, name, place, log);
  log.error(place, numberMessage(value, range), name);
  return undefined;
}

function parseQueries(value: unknown, checks: Place, log: ProblemLog): readonly QueryCheck[] {
  if (value === undefined) return [];
  const place: Place = { around: checks, step: 'queries' };
  if (!Array.isArray(value)) {
    log.error(place, `expected a list of queries, found ${showValue(value)}. Write \`[{ ${exampleQuery} }]\`.`);
    return [];
  }
  const names = new Set<string>();
  return Array.from(value, (item: unknown, index) => {
    const at: Place = { around: place, step: index };
    const query = parseQuery(item, at, log);
    if (query !== undefined && names.has(query.name)) {
      log.error(at, `another query is called ${showValue(query.name)} too. Each needs a name of its own.`, 'name');
    }
    if (query !== undefined) names.add(query.name);
    return query;
  }).filter((query) => query !== undefined);
}

const exampleQuery = "name: queue, query: 'max(queue_length)', above: 100";

function parseQuery(value: unknown, place: Place, log: ProblemLog): QueryCheck | undefined {
  if (!isMapping(value)) {
    log.error(place, `expected a query, found ${showValue(value)}. Write \`{ ${exampleQuery} }\`.`);
    return undefined;
  }
  const before = log.errorCount;
  const fields = readFields(
    value,
    { name: undefined, query: undefined, above: undefined, below: undefined },
    queryWords,
    place,
    log,
  );
  const name = readText(fields.name, 'name', place, log);
  const query = readText(fields.query, 'query', place, log);
  const above = readNumber(fields.above, anyNumber, 'above', place, log);
  const below = readNumber(fields.below, anyNumber, 'below', place, log);
  if (log.errorCount > before) return undefined;
  if (name === undefined || query === undefined) {
    log.error(place, `a query needs \`${name === undefined ? 'name' : 'query'}\`. Write \`{ ${exampleQuery} }\`.`);
  } else if (!isKey(name)) log.error(place, `${showValue(name)} can't be the name of a query. ${KEY_RULE}`, 'name');
  else if (above === undefined && below === undefined) {
    log.error(place, 'a query needs `above` or `below`: the value from which it fails. Add `above: 100`.');
  } else if (above !== undefined && below !== undefined && below > above) {
    log.error(place, `every number is above ${above} or below ${below}, so it would always fail. Swap them?`);
  } else return { name, query, above, below };
  return undefined;
}
