import type { FlagKind, Operator, VariantValue } from './flag-document.js';

/**
 * A flag as the evaluator reads it: every shorthand spelled out, every default filled in, every reference checked.
 * Plain data without functions. `parseFlagDocument` is the only maker.
 */
export interface FlagDefinition {
  readonly key: string;
  readonly description: string | undefined;
  readonly kind: FlagKind;
  readonly owner: string | undefined;
  readonly ticket: string | undefined;
  /** Milliseconds since the epoch. */
  readonly created: number | undefined;
  /** Milliseconds since the epoch. */
  readonly expires: number | undefined;
  readonly tags: readonly string[];
  /** Frozen; exactly this becomes OpenFeature's `flagMetadata`. */
  readonly metadata: FlagMetadata;
  readonly clientSafe: boolean;

  readonly enabled: boolean;
  readonly valueType: ValueType;
  /** Deeply frozen values by the variants' names, in written order. */
  readonly variants: ReadonlyMap<string, VariantValue>;
  /** `undefined`: the caller's default. */
  readonly offVariant: string | undefined;

  readonly requires: readonly Prerequisite[];
  /** The variant by the unit that gets it. */
  readonly targets: ReadonlyMap<string, string>;
  readonly rules: readonly RuleDefinition[];
  readonly outcome: Outcome;

  /** When the flag's kill switch trips by itself; `undefined`: never. */
  readonly breaker: BreakerDefinition | undefined;
}

/** When a kill switch trips by itself, and when it tries again. */
export interface BreakerDefinition {
  /** The share of failures that trips it: above 0, up to 1. */
  readonly errorRate: number;
  /** How many requests the window must hold before it may trip, at least 1. */
  readonly minimumRequests: number;
  /** The length of the sliding window. */
  readonly windowMs: number;
  /** How long it stays open before it lets a probe through. */
  readonly cooldownMs: number;
  /** Which answers are slow, and the share of them that trips it (above 0, up to 1); `undefined`: none is. */
  readonly slow: { readonly aboveMs: number; readonly rate: number } | undefined;
  /** Whether it closes by itself, or waits for a person. */
  readonly reset: 'auto' | 'manual';
  /** Whether each instance has its own, or one that trips opens those of all. */
  readonly scope: 'instance' | 'fleet';
}

/** The type that all variants of a flag share; arrays are objects. */
export type ValueType = 'boolean' | 'number' | 'string' | 'object';

export type FlagMetadata = Readonly<Record<string, string | number | boolean>>;

/** Another flag that must serve a variant, without error and without being disabled. */
export interface Prerequisite {
  readonly flag: string;
  readonly variant: string;
}

export interface RuleDefinition {
  readonly name: string | undefined;
  readonly condition: Condition;
  /** The rule holds from this instant on, in milliseconds since the epoch. */
  readonly from: number | undefined;
  /** The rule holds before this instant, in milliseconds since the epoch. */
  readonly until: number | undefined;
  readonly outcome: Outcome;
}

/** How a rule, or the flag itself, ends. */
export type Outcome =
  | { readonly type: 'serve'; readonly variant: string }
  | { readonly type: 'rollout'; readonly rollout: Rollout }
  | { readonly type: 'split'; readonly split: Split }
  /** The rollout's units take part in the split; the rollout's own `variant` is not served. */
  | { readonly type: 'experiment'; readonly rollout: Rollout; readonly split: Split };

export interface Rollout {
  readonly schedule: Schedule;
  readonly variant: string;
  /** `undefined`: the caller's default. */
  readonly otherwise: string | undefined;
  /** The attribute whose value is bucketed. */
  readonly by: string;
  readonly seed: string;
  /** Where the slice begins on the ring, in percent (0–100). */
  readonly offset: number;
}

export interface Split {
  /** At least one is positive. */
  readonly weights: ReadonlyMap<string, number>;
  readonly by: string;
  readonly seed: string;
}

/** The share of units that are in, as a function of time. Percentages are 0–100, times milliseconds since the epoch. */
export type Schedule =
  { readonly type: 'fixed'; readonly percentage: number } | CurveSchedule | StagedSchedule | WatchedSchedule;

export interface CurveSchedule {
  readonly type: 'curve';
  readonly curve: 'linear' | 's-curve';
  readonly from: number;
  readonly to: number;
  readonly start: number;
  readonly durationMs: number;
}

export interface StagedSchedule {
  readonly type: 'stages';
  readonly start: number;
  /** The last stage's duration is infinite. */
  readonly stages: readonly { readonly percentage: number; readonly durationMs: number }[];
}

/** A rollout with checks moves only when its controller says so; until then it serves its first stage. */
export interface WatchedSchedule {
  readonly type: 'watched';
  /** `-Infinity`: from the beginning. */
  readonly start: number;
  /** At least one; the percentages never fall. */
  readonly stages: readonly WatchedStage[];
  readonly checks: RolloutChecks;
}

export interface WatchedStage {
  readonly percentage: number;
  /** The least time that the stage takes; `undefined` only for a last stage, which is complete as soon as it is entered. */
  readonly durationMs: number | undefined;
  /** Whether a person must approve the next stage. */
  readonly approval: boolean;
}

/** What a watched rollout is held to, with every default filled in. Shares are 0–1; at least one measure is there. */
export interface RolloutChecks {
  readonly maxErrorRate: number | undefined;
  /** How much higher the share of errors may be in than out. */
  readonly maxErrorRateIncrease: number | undefined;
  readonly maxP99Ms: number | undefined;
  /** By what share the 99th percentile may be higher in than out. */
  readonly maxP99Increase: number | undefined;
  readonly queries: readonly QueryCheck[];
  /** Per arm and stage. */
  readonly minimumRequests: number;
  readonly onNoData: 'hold' | 'rollback' | 'promote';
  readonly noDataGraceMs: number;
  /** At how many looks in a row a limit must fail. At least 1. */
  readonly failureLimit: number;
  readonly cooldownMs: number;
  /** Above ½ and below 1, for the comparisons of all stages together. */
  readonly confidence: number;
}

/** A measure of the user's own. At least one of the limits is there. */
export interface QueryCheck {
  readonly name: string;
  /** PromQL. */
  readonly query: string;
  /** It fails above this. */
  readonly above: number | undefined;
  /** It fails below this. */
  readonly below: number | undefined;
}

/** A condition on the evaluation context. */
export type Condition =
  | { readonly type: 'all'; readonly conditions: readonly Condition[] }
  | { readonly type: 'any'; readonly conditions: readonly Condition[] }
  | { readonly type: 'not'; readonly condition: Condition }
  | { readonly type: 'segment'; readonly segment: string }
  | Comparison;

/** An attribute compared with what the document says. Operands are parsed, so that a comparison can't fail. */
export type Comparison =
  | MembershipComparison
  | TextComparison
  | NumberComparison
  | TimeComparison
  | VersionComparison
  | AddressComparison
  | ExistenceComparison;

interface ComparisonBase<Compared extends Operator> {
  readonly type: 'comparison';
  readonly attribute: string;
  readonly operator: Compared;
}

/** `equals` and `not_equals` have one value. */
export interface MembershipComparison extends ComparisonBase<'equals' | 'not_equals' | 'in' | 'not_in'> {
  readonly values: readonly (string | number | boolean)[];
  readonly ignoreCase: boolean;
}

/** One of the values is enough. Those of `matches` are patterns that RE2 accepts. */
export interface TextComparison extends ComparisonBase<'contains' | 'starts_with' | 'ends_with' | 'glob' | 'matches'> {
  readonly values: readonly string[];
  readonly ignoreCase: boolean;
}

export interface NumberComparison extends ComparisonBase<
  'greater_than' | 'greater_or_equal' | 'less_than' | 'less_or_equal'
> {
  readonly value: number;
}

/** The value is in milliseconds since the epoch. */
export interface TimeComparison extends ComparisonBase<'before' | 'after'> {
  readonly value: number;
}

/** The value is a version, or for `semver_satisfies` a range, that the `semver` package accepts. */
export interface VersionComparison extends ComparisonBase<
  'semver_equals' | 'semver_greater_than' | 'semver_less_than' | 'semver_satisfies'
> {
  readonly value: string;
}

/** One of the blocks is enough. */
export interface AddressComparison extends ComparisonBase<'in_cidr'> {
  readonly values: readonly Cidr[];
}

export interface ExistenceComparison extends ComparisonBase<'exists'> {
  readonly value: boolean;
}

/** A block of addresses. IPv4-mapped IPv6 is IPv4 already. */
export interface Cidr {
  /** As it was written. */
  readonly text: string;
  /** 4 or 16 bytes. */
  readonly bytes: readonly number[];
  readonly prefixLength: number;
}
