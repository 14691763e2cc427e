import { operatorMeantBy } from './operators.js';
import type { ForeignWords } from './read-fields.js';
import { showValue } from '../show-value.js';

const entries = (
  advice: string | ((value: unknown) => string),
  ...words: readonly string[]
): [string, typeof advice][] => words.map((word) => [word, advice]);

const rolloutAdvice = (value: unknown): string =>
  `Write \`rollout: ${typeof value === 'number' || typeof value === 'string' ? String(value).slice(0, 20).replace(/\s*%$/, '') : '10'}\`.`;

const targetsAdvice = (value: unknown): string =>
  Array.isArray(value) && value.some((item) => typeof item === 'object' && item !== null)
    ? 'Write `rules: [{ when: { any: [{ plan: pro }] }, serve: on }]` for conditions; `targets` is for single units.'
    : `Write \`targets: { on: ${Array.isArray(value) ? showValue(value) : '[user-1]'} }\`.`;

const enabledAdvice = (value: unknown): string =>
  `Write \`enabled: ${typeof value === 'string' ? /^(on|true|enabled|active|yes)$/i.test(value) : value !== false}\`.`;

const serveAdvice = (value: unknown): string =>
  `Write \`serve: ${typeof value === 'string' || typeof value === 'boolean' ? String(value).slice(0, 40) : 'on'}\` for what everyone else gets.`;

const splitAdvice = (value: unknown): string =>
  `Write \`split: ${typeof value === 'object' && value !== null && !Array.isArray(value) ? showValue(value) : '{ control: 50, a: 50 }'}\`.`;

const operatorAdvice = (value: unknown): string =>
  `Write \`operator: ${(typeof value === 'string' ? operatorMeantBy(value) : undefined) ?? 'equals'}\`.`;

/** What other systems write on an outcome, on a flag or a rule. */
const outcomeWords: readonly [string, string | ((value: unknown) => string)][] = [
  ...entries(
    rolloutAdvice,
    'percentage',
    'percent',
    'rolloutpercentage',
    'percentagerollout',
    'rolloutpercent',
    'gradualrollout',
    'coverage',
    'sampling',
  ),
  ...entries(
    serveAdvice,
    'fallthrough',
    'default',
    'defaultvariant',
    'defaultvalue',
    'defaultrule',
    'fallback',
    'otherwise',
    'value',
    'result',
    'force',
  ),
  ...entries(splitAdvice, 'weight', 'weights', 'allocation', 'allocations', 'distribution', 'fractional'),
  ...entries(
    'Write `by` for the attribute and `rollout` for the share.',
    'bucketby',
    'stickiness',
    'hashattribute',
    'hashby',
    'rolloutby',
  ),
  ...entries('Write `seed: {value}`.', 'salt', 'groupid', 'hashseed'),
];

/** Other systems' words on a flag. */
export const flagWords: ForeignWords = new Map([
  ...outcomeWords,
  ...entries(
    'Write `rollout: 10` for a share of all units, `targets` for single ones, `rules` for conditions.',
    'strategy',
    'strategies',
  ),
  ...entries(
    targetsAdvice,
    'allowedusers',
    'targetusers',
    'targetedusers',
    'userids',
    'users',
    'userlist',
    'allowlist',
    'whitelist',
    'individualtargets',
    'includedusers',
    'target',
  ),
  ...entries(
    'Write it inside of `rollout`: `rollout: { stages: [{ percentage: 10, hours: 24 }, { percentage: 100 }], checks: {} }`.',
    'stages',
    'checks',
    'steps',
  ),
  ...entries('Write `ticket: {value}`.', 'jira', 'jiraticket', 'jirakey', 'issue', 'story'),
  ...entries(enabledAdvice, 'active', 'on', 'state', 'isenabled', 'status', 'isactive'),
  ...entries('Write `variants`, a mapping of names to values.', 'variations', 'variation', 'values'),
  ...entries('Write `offVariant: {value}`.', 'offvariation', 'offvalue', 'disabledvariant'),
  ...entries(
    'Write `rules`, a list of `{ when: { plan: pro }, serve: on }`.',
    'targeting',
    'targetingrules',
    'conditions',
    'condition',
    'constraints',
    'when',
    'segment',
    'segments',
    'audience',
    'audiences',
    'rule',
    'overrides',
    'filters',
  ),
  ...entries(
    'Write `requires: [{ flag: another-flag, variant: on }]`.',
    'dependencies',
    'dependson',
    'prerequisites',
    'prerequisite',
    'parents',
  ),
  ...entries(
    'Write `expires: 2027-03-01`.',
    'expiry',
    'expirydate',
    'expiresat',
    'expirationdate',
    'removeby',
    'sunset',
    'enddate',
  ),
  ...entries('Write `created: 2026-11-01`.', 'createdat', 'creationdate', 'startdate'),
  ...entries('Write `owner: {value}`.', 'team', 'maintainer', 'responsible', 'author'),
  ...entries('Write `kind: release` (or experiment, operational, permission).', 'type', 'category', 'flagtype'),
  ...entries('Write `tags: [{value}]`.', 'labels', 'label'),
  ...entries("Write `description: {value}`; the flag's name is its key.", 'name', 'title', 'summary', 'comment'),
  ...entries(
    'Write `clientSafe: true`.',
    'public',
    'clientside',
    'clientsideavailability',
    'exposetoclient',
    'frontend',
  ),
  ...entries(
    'Write it under `targets`, with the off variant: `targets: { off: [user-1] }`.',
    'blocklist',
    'blacklist',
    'excludedusers',
    'denylist',
  ),
]);

/** Other systems' words at the top of the document. */
export const documentWords: ForeignWords = new Map([
  ...entries('Write `flags`.', 'features', 'featureflags', 'toggles', 'featuretoggles', 'flag'),
  ...entries('Write `segments`.', 'groups', 'cohorts', 'audiences', 'evaluators'),
  ...entries('Write `version: 1`.', 'schemaversion', 'formatversion', 'apiversion'),
]);

/** Other systems' words on a rule. */
export const ruleWords: ForeignWords = new Map([
  ...outcomeWords,
  ...entries('Write `serve: {value}`.', 'variation', 'variant', 'then'),
  ...entries(
    'Write `when: { plan: pro }`.',
    'conditions',
    'condition',
    'constraints',
    'clauses',
    'if',
    'match',
    'filter',
    'criteria',
    'query',
    'targeting',
    'attribute',
    'operator',
  ),
  ...entries('Write `when: { segment: {value} }`.', 'segment', 'segments', 'audience', 'cohort'),
  ...entries('Write `when: { targetingKey: [user-1] }`, or `targets` on the flag.', 'users', 'userids', 'targets'),
  ...entries('Write `name: {value}`.', 'description', 'title', 'id', 'key'),
  ...entries('Write `from: 2027-01-10T09:00:00Z`.', 'start', 'startat', 'starts', 'after', 'activefrom'),
  ...entries('Write `until: 2027-01-10T09:00:00Z`.', 'end', 'endat', 'ends', 'before', 'to', 'expires'),
]);

/** Other systems' words in a rollout. */
export const rolloutWords: ForeignWords = new Map([
  ...entries(
    'Write `percentage: {value}`.',
    'percent',
    'rolloutpercentage',
    'weight',
    'value',
    'share',
    'coverage',
    'rollout',
  ),
  ...entries('Write `variant: {value}`.', 'serve', 'variation', 'then'),
  ...entries('Write `otherwise: {value}`.', 'else', 'default', 'fallback', 'offvariant'),
  ...entries('Write `by: {value}`.', 'bucketby', 'stickiness', 'hashattribute', 'hashby', 'unit'),
  ...entries('Write `seed: {value}`.', 'salt', 'groupid', 'key'),
  ...entries('Write `stages`.', 'steps', 'phases', 'schedule', 'ramp'),
  ...entries('Write `hours: 72`, beside `curve` or in a stage.', 'duration', 'days', 'minutes', 'seconds'),
  ...entries('Write `start: 2027-01-10T09:00:00Z`.', 'startdate', 'startat', 'begin'),
  ...entries(
    'Write it inside of `checks`.',
    'maxerrorrate',
    'maxerrorrateincrease',
    'maxp99ms',
    'maxp99increase',
    'minimumrequests',
    'queries',
    'onnodata',
    'nodatagraceminutes',
    'failurelimit',
    'cooldownminutes',
    'confidence',
  ),
  ...entries('Write `curve: linear` or `curve: s-curve`.', 'type', 'shape', 'easing'),
  ...entries(
    'Write it beside the rollout: `rollout: 20`, and `split: { a: 50, b: 50 }`.',
    'split',
    'weights',
    'variants',
  ),
]);

/** Other systems' words in a split with its details. */
export const splitWords: ForeignWords = new Map([
  ...entries('Write `by: {value}`.', 'bucketby', 'stickiness', 'hashattribute', 'hashby', 'unit'),
  ...entries('Write `seed: {value}`.', 'salt', 'groupid', 'key'),
  ...entries('Write `weights: { a: 50, b: 50 }`.', 'weight', 'variants', 'variations', 'distribution'),
]);

/** Other systems' words in a stage of a rollout. */
export const stageWords: ForeignWords = new Map([
  ...entries('Write `percentage: {value}`.', 'percent', 'rollout', 'weight', 'value', 'share', 'to'),
  ...entries('Write `hours: 24` or `minutes: 30`.', 'duration', 'days', 'seconds', 'wait', 'hold'),
]);

/** Other systems' words in the checks of a rollout. */
export const checkWords: ForeignWords = new Map([
  ...entries('Write `maxErrorRate: 0.01`.', 'errorrate', 'maxerrors', 'errorthreshold', 'errorbudget'),
  ...entries(
    'Write `maxErrorRate: 0.01`: the highest share of errors, in place of the lowest share of successes.',
    'successrate',
    'requestsuccessrate',
    'minsuccessrate',
  ),
  ...entries('Write `maxErrorRateIncrease: 0.01`.', 'errorrateincrease', 'maxincrease', 'tolerance'),
  ...entries('Write `maxP99Ms: 500`.', 'p99', 'latency', 'maxlatency', 'maxlatencyms', 'p99latency', 'requestduration'),
  ...entries('Write `minimumRequests: {value}`.', 'minrequests', 'samplesize', 'minsamplesize', 'minimumsamplesize'),
  ...entries('Write `failureLimit: {value}`.', 'threshold', 'failurethreshold', 'maxfailures'),
  ...entries('Write `onNoData: hold`.', 'nodata', 'onmissingdata'),
  ...entries('Write `confidence: 0.95`.', 'alpha', 'significance', 'confidencelevel'),
  ...entries('Write `queries`, a list of `{ name, query, above }`.', 'metrics', 'query', 'analysis', 'measures'),
]);

/** Other systems' words in a query of the checks. */
export const queryWords: ForeignWords = new Map([
  ...entries('Write `query: {value}`.', 'promql', 'expr', 'expression'),
  ...entries('Write `above: {value}`.', 'max', 'maximum', 'threshold', 'failurecondition'),
  ...entries('Write `below: {value}`.', 'min', 'minimum'),
  ...entries('Write `name: {value}`.', 'id', 'key', 'metric', 'title'),
]);

/** Other systems' words in an explicit comparison. */
export const comparisonWords: ForeignWords = new Map([
  ...entries('Write `attribute: {value}`.', 'contextname', 'property', 'field', 'trait', 'var', 'context'),
  ...entries(operatorAdvice, 'op', 'comparator', 'operation', 'matcher', 'type'),
  ...entries('Write `value: {value}`.', 'values', 'target', 'targets', 'operand', 'rhs'),
  ...entries('Write `ignoreCase: {value}`.', 'caseinsensitive', 'insensitive'),
  ...entries('Write `not: { … }` around the comparison.', 'negate', 'inverted', 'not', 'negated'),
]);

/** Other systems' words for a prerequisite. */
export const prerequisiteWords: ForeignWords = new Map([
  ...entries('Write `flag: {value}`.', 'key', 'feature', 'name', 'flagkey', 'id'),
  ...entries('Write `variant: {value}`.', 'variation', 'value', 'serve', 'variants', 'enabled', 'equals'),
]);

/** Resilience4j, Polly, opossum and cockatiel. */
export const breakerWords: ForeignWords = new Map([
  ...entries(
    'Write `errorRate: 0.5`, a share.',
    'failurerate',
    'failureratethreshold',
    'failureratio',
    'failurethreshold',
    'errorthreshold',
    'errorthresholdpercentage',
    'threshold',
  ),
  ...entries(
    'Write `minimumRequests: 20`.',
    'minimumnumberofcalls',
    'minimumthroughput',
    'minimumrps',
    'volumethreshold',
    'requestvolumethreshold',
  ),
  ...entries(
    'Write `windowSeconds: 10`.',
    'window',
    'windowms',
    'duration',
    'samplingduration',
    'slidingwindowsize',
    'rollingcounttimeout',
  ),
  ...entries(
    'Write `cooldownSeconds: 30`.',
    'cooldown',
    'cooldownms',
    'resettimeout',
    'breakduration',
    'halfopenafter',
    'waitdurationinopenstate',
    'sleepwindow',
  ),
  ...entries('Write `slowMs: 800`.', 'timeout', 'slowcalldurationthreshold'),
  ...entries('Write `slowRate: 0.8`, a share.', 'slowcallratethreshold'),
]);
