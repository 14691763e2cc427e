import type { FlagDefinition, Outcome, Prerequisite } from '../flag-definition.js';
import type { FlagScope } from './flag-scope.js';
import { flagWords } from './foreign-words.js';
import { parseBreaker } from './parse-breaker.js';
import type { SegmentUse } from './parse-condition.js';
import { parseMetadata, parseTags } from './parse-metadata.js';
import { hasOutcome, parseOutcome } from './parse-outcome.js';
import { parseRequires } from './parse-requires.js';
import { parseRules, type Rules } from './parse-rules.js';
import { parseTargets } from './parse-targets.js';
import { parseOffVariant, parseVariants } from './parse-variants.js';
import type { Place, ProblemLog } from './problem-log.js';
import { isMapping, readFields } from './read-fields.js';
import { readAnyText, readBoolean, readInstant, readText, readWord } from './read-scalars.js';
import { showValue } from '../show-value.js';
import { warnIfNeverServed } from './unserved-variants.js';

const kinds = ['release', 'experiment', 'operational', 'permission'] as const;

export interface ParsedFlag {
  /** `undefined`: the flag has an error. */
  readonly definition: FlagDefinition | undefined;
  readonly requires: readonly Prerequisite[];
  /** Where the flag names segments. */
  readonly uses: readonly SegmentUse[];
}

/** One flag, without what it says about other flags and segments. `undefined` if it is none at all. */
export function parseFlag(key: string, value: unknown, place: Place, log: ProblemLog): ParsedFlag | undefined {
  if (!isMapping(value)) {
    const hint = typeof value === 'boolean' ? `{ enabled: ${value} }` : '{}';
    log.error(
      place,
      `expected a flag, found ${showValue(value)}. Write \`${hint}\`${value === null ? ' for a flag that serves on' : ''}.`,
    );
    return undefined;
  }
  const before = log.errorCount;
  const fields = readFields(value, blankFlag(), flagWords, place, log);
  const hasUnknown = log.errorCount > before;
  const variants = parseVariants(fields.variants, place, log);
  const scope: FlagScope = {
    key,
    variants,
    offVariant: parseOffVariant(fields.offVariant, variants, place, log),
    by: readText(fields.by, 'by', place, log) ?? 'targetingKey',
    seed: readText(fields.seed, 'seed', place, log) ?? key,
    log,
  };
  const requires = parseRequires(fields.requires, place, log);
  const targets = parseTargets(fields.targets, variants, place, log);
  const rules = parseRules(fields.rules, scope, place);
  const outcome = hasOutcome(fields)
    ? parseOutcome(fields, scope, place)
    : hasUnknown
      ? undefined
      : defaultOutcome(fields, scope, place);
  const definition = define(fields, scope, { requires, targets, rules, outcome }, place);
  if (log.errorCount > before) return { definition: undefined, requires, uses: rules.uses };
  if (definition !== undefined && fields.variants !== undefined) warnIfNeverServed(definition, place, log);
  return { definition, requires, uses: rules.uses };
}

interface Parts {
  readonly requires: readonly Prerequisite[];
  readonly targets: ReadonlyMap<string, string>;
  readonly rules: Rules;
  readonly outcome: Outcome | undefined;
}

function define(fields: FlagFields, scope: FlagScope, parts: Parts, place: Place): FlagDefinition | undefined {
  const { key, variants, offVariant, log } = scope;
  const { requires, targets, rules, outcome } = parts;
  const created = readInstant(fields.created, 'created', place, log);
  const expires = readInstant(fields.expires, 'expires', place, log);
  if (created !== undefined && expires !== undefined && expires < created)
    log.warn(place, 'is before `created`.', 'expires');
  // One literal with stand-ins for what has an error: spreading parts together would cost as much as all the rest.
  const definition: FlagDefinition = {
    key,
    description: readAnyText(fields.description, 'description', place, log),
    kind: readWord(fields.kind, kinds, 'kind', place, log) ?? 'release',
    owner: readText(fields.owner, 'owner', place, log),
    ticket: readText(fields.ticket, 'ticket', place, log),
    created,
    expires,
    tags: parseTags(fields.tags, place, log),
    metadata: parseMetadata(fields.metadata, place, log),
    clientSafe: readBoolean(fields.clientSafe, 'clientSafe', place, log) ?? false,
    enabled: readBoolean(fields.enabled, 'enabled', place, log) ?? true,
    valueType: variants?.valueType ?? 'boolean',
    variants: variants?.values ?? noVariants,
    offVariant,
    requires,
    targets,
    rules: rules.rules,
    outcome: outcome ?? serveOn,
    breaker: parseBreaker(fields.breaker, place, log),
  };
  return variants === undefined || outcome === undefined ? undefined : definition;
}

const noVariants: FlagDefinition['variants'] = new Map();

const serveOn: Outcome = Object.freeze({ type: 'serve', variant: 'on' });

/** What a flag that doesn't say serves: `on`, if nothing singles units out. */
function defaultOutcome(
  fields: FlagFields,
  { variants, offVariant, log }: FlagScope,
  place: Place,
): Outcome | undefined {
  if (
    fields.targets === undefined &&
    fields.rules === undefined &&
    (variants === undefined || variants.values.has('on'))
  )
    return serveOn;
  const parts = (['targets', 'rules'] as const).filter((name) => fields[name] !== undefined);
  const [first = 'off'] = variants?.values.keys() ?? [];
  if (parts.length > 0) {
    log.error(
      place,
      `has ${parts.join(' and ')} but does not say what everyone else gets. Add \`serve: ${offVariant ?? first}\`.`,
    );
    return undefined;
  }
  log.error(place, `has variants without \`on\` and does not say which it serves. Add \`serve: ${first}\`.`);
  return undefined;
}

type FlagFields = ReturnType<typeof blankFlag>;

function blankFlag(): { -readonly [Name in keyof typeof flagFields]: unknown } {
  return { ...flagFields };
}

const flagFields = {
  description: undefined,
  kind: undefined,
  owner: undefined,
  ticket: undefined,
  created: undefined,
  expires: undefined,
  enabled: undefined,
  variants: undefined,
  offVariant: undefined,
  targets: undefined,
  rules: undefined,
  requires: undefined,
  serve: undefined,
  rollout: undefined,
  split: undefined,
  by: undefined,
  seed: undefined,
  tags: undefined,
  metadata: undefined,
  clientSafe: undefined,
  breaker: undefined,
};
