/**
 * The flag document as people write it. These types are also the source of the JSON Schema that ships as
 * `halyard/schema.json`: the comments below are what an editor shows.
 */

/** Any value that JSON can hold. */
export type JsonValue =
  boolean | number | string | null | readonly JsonValue[] | { readonly [name: string]: JsonValue };

/**
 * What a variant may be. All variants of one flag have the same type.
 */
export type VariantValue = boolean | number | string | readonly JsonValue[] | { readonly [name: string]: JsonValue };

/**
 * The name of a variant. Tools that speak YAML 1.1 write `true` for `on` and `false` for `off`, so the booleans mean these.
 */
export type WrittenVariantName = string | boolean;

/**
 * A share in percent.
 * @minimum 0
 * @maximum 100
 */
export type Percentage = number;

/**
 * A weight; only its share of all weights counts.
 * @minimum 0
 */
export type Weight = number;

/** A number that an attribute or a unit is compared with, or a text, or a boolean. */
export type Scalar = string | number | boolean;

/** One document per environment: the flags, and the segments that their rules share. */
export interface FlagDocument {
  /** Where an editor finds the JSON Schema of this document. */
  readonly $schema?: string;
  /** The version of this format. */
  readonly version: 1;
  /** The flags by their keys. */
  readonly flags: Readonly<Record<string, WrittenFlag>>;
  /** Named conditions, for `segment: NAME` in any rule. */
  readonly segments?: Readonly<Record<string, WrittenCondition>>;
  /**
   * Yours: Halyard ignores every key that starts with `x-`.
   */
  readonly [extension: `x-${string}`]: unknown;
}

/** What a flag is for, and so how long it should live. */
export type FlagKind = 'release' | 'experiment' | 'operational' | 'permission';

/** One flag. Without targets, rules and an outcome it serves `on`. */
export interface WrittenFlag extends WrittenOutcome {
  /** What the flag changes, for the people who will meet it. */
  readonly description?: string;
  /**
   * What the flag is for.
   * @default "release"
   */
  readonly kind?: FlagKind;
  /** Who answers for the flag. */
  readonly owner?: string;
  /** The ticket that the flag belongs to. */
  readonly ticket?: string;
  /** When the flag was made: a date (UTC midnight) or a time with its offset. */
  readonly created?: string;
  /** When the flag should be gone. It never changes an answer; tools complain. */
  readonly expires?: string;
  /**
   * `false` serves the off variant to everyone.
   * @default true
   */
  readonly enabled?: boolean;
  /** The values by the variants' names, all of one type. Default: `{ on: true, off: false }`. */
  readonly variants?: Readonly<Record<string, VariantValue>>;
  /** The variant for "disabled" and "not in the rollout". Default: `off`, where there is one; `null`: the caller's default. */
  readonly offVariant?: WrittenVariantName | null;
  /** Individual units by the variant that they get, compared with the targeting key before any rule. */
  readonly targets?: Readonly<Record<string, readonly (string | number)[]>>;
  /** The first rule whose conditions hold decides, alone. */
  readonly rules?: readonly WrittenRule[];
  /** The flags that must serve these variants; otherwise this flag serves its off variant. */
  readonly requires?: readonly WrittenPrerequisite[];
  /**
   * The attribute whose value is bucketed, where the rollout or split names none.
   * @default "targetingKey"
   */
  readonly by?: string;
  /** The seed of the buckets, where the rollout or split names none. Default: the flag's key. */
  readonly seed?: string;
  /** Words to find the flag by. */
  readonly tags?: readonly string[];
  /** Exactly this becomes OpenFeature's `flagMetadata`. */
  readonly metadata?: Readonly<Record<string, string | number | boolean>>;
  /**
   * Whether the flag may leave the server, for browsers.
   * @default false
   */
  readonly clientSafe?: boolean;
  /** When the flag's kill switch trips by itself; `{}` takes every default. Default: never. */
  readonly breaker?: WrittenBreaker;
  /**
   * Yours: Halyard ignores every key that starts with `x-`.
   */
  readonly [extension: `x-${string}`]: unknown;
}

/** How a rule, or the flag itself, ends: `serve`, or `rollout`, or `split`, or a `rollout` with a `split`. */
export interface WrittenOutcome {
  /** The variant for everyone who comes here. */
  readonly serve?: WrittenVariantName;
  /** The share of units that get `variant`, in percent, now or over time; with a `split`, the share that takes part. */
  readonly rollout?: Percentage | WrittenRollout;
  /** The weights by the variants' names, or an object with `weights` and more. */
  readonly split?: Readonly<Record<string, Weight>> | WrittenSplit;
}

/** A rollout with its details. Exactly one of `percentage`, `curve` and `stages`. */
export interface WrittenRollout {
  /**
   * The share of units that are in, in percent.
   * @minimum 0
   * @maximum 100
   */
  readonly percentage?: number;
  /** The share follows a curve from `from` to `to`, which begins at `start` and takes `hours`. */
  readonly curve?: 'linear' | 's-curve';
  /**
   * Where the curve begins, in percent.
   * @minimum 0
   * @maximum 100
   */
  readonly from?: number;
  /**
   * Where the curve ends, in percent.
   * @minimum 0
   * @maximum 100
   */
  readonly to?: number;
  /** How long the curve takes. */
  readonly hours?: number;
  /** When the schedule starts: a date (UTC midnight) or a time with its offset. Before it the share is 0. */
  readonly start?: string;
  /** The shares one after another. Every stage but the last says how long it takes. */
  readonly stages?: readonly WrittenStage[];
  /** The variant for units that are in. Default: `on`. */
  readonly variant?: WrittenVariantName;
  /** The variant for units that are not. Default: the off variant; `null`: the caller's default. */
  readonly otherwise?: WrittenVariantName | null;
  /** The attribute whose value is bucketed. Default: the flag's `by`, else `targetingKey`. */
  readonly by?: string;
  /** The seed of the buckets. Default: the flag's `seed`, else its key. */
  readonly seed?: string;
  /**
   * Where the rollout's slice begins on the ring, in percent, so that experiments on one seed can exclude each other.
   * @minimum 0
   * @maximum 100
   */
  readonly offset?: number;
  /** The measures that hold the rollout back or roll it back. Only with `stages`, which then never fall, and not in a rule. */
  readonly checks?: WrittenChecks;
  /**
   * Yours: Halyard ignores every key that starts with `x-`.
   */
  readonly [extension: `x-${string}`]: unknown;
}

/**
 * One stage of a rollout. Every stage but the last has exactly one of `minutes` and `hours`: in a rollout with `checks` the
 * least time that it takes, which may be 0, and which the last stage may have too.
 */
export interface WrittenStage {
  /**
   * The share of units that are in during this stage, in percent.
   * @minimum 0
   * @maximum 100
   */
  readonly percentage: number;
  /** How long the stage takes. @minimum 0 */
  readonly minutes?: number;
  /** How long the stage takes. @minimum 0 */
  readonly hours?: number;
  /** Whether a person must approve the next stage. Only in a rollout with `checks`. */
  readonly approval?: boolean;
  /**
   * Yours: Halyard ignores every key that starts with `x-`.
   */
  readonly [extension: `x-${string}`]: unknown;
}

/** A split with its details. */
export interface WrittenSplit {
  /** The weights by the variants' names, in the order of their ranges. Not negative, not all zero. */
  readonly weights: Readonly<Record<string, Weight>>;
  /** The attribute whose value is bucketed. Default: the flag's `by`, else `targetingKey`. */
  readonly by?: string;
  /** The seed of the buckets. Default: the flag's `seed`, else its key. */
  readonly seed?: string;
  /**
   * Yours: Halyard ignores every key that starts with `x-`.
   */
  readonly [extension: `x-${string}`]: unknown;
}

/** A rule. Its outcome decides alone: no later rule is tried. */
export interface WrittenRule extends WrittenOutcome {
  /** What people call the rule; it shows in explanations and in the decision log. */
  readonly name?: string;
  /** The conditions. A rule without any holds for everyone, between `from` and `until`. */
  readonly when?: WrittenCondition;
  /** The rule holds from this time on: a date (UTC midnight) or a time with its offset. */
  readonly from?: string;
  /** The rule holds before this time: a date (UTC midnight) or a time with its offset. */
  readonly until?: string;
  /**
   * Yours: Halyard ignores every key that starts with `x-`.
   */
  readonly [extension: `x-${string}`]: unknown;
}

/** A flag that must serve a variant. */
export interface WrittenPrerequisite {
  /** The key of the other flag. */
  readonly flag: string;
  /** The variant that it must serve. Default: `on`. */
  readonly variant?: WrittenVariantName;
  /**
   * Yours: Halyard ignores every key that starts with `x-`.
   */
  readonly [extension: `x-${string}`]: unknown;
}

/**
 * A mapping of attributes to values (all hold; a list means "one of"), an explicit comparison, or a list of either (all hold).
 */
export type WrittenCondition = WrittenComparison | WrittenMapping | readonly WrittenCondition[];

/** Attributes by name, each with the value or the values that it must have; and `any`, `all`, `not`, `segment`. */
export interface WrittenMapping {
  /** At least one of these holds. */
  readonly any?: readonly WrittenCondition[];
  /** All of these hold. */
  readonly all?: readonly WrittenCondition[];
  /** This does not hold. */
  readonly not?: WrittenCondition;
  /** The unit is in this segment, or in one of these. */
  readonly segment?: string | readonly string[];
  readonly [attribute: string]: Scalar | readonly Scalar[] | WrittenCondition | readonly WrittenCondition[] | undefined;
}

/** The operators of a comparison. */
export type Operator =
  | 'equals'
  | 'not_equals'
  | 'in'
  | 'not_in'
  | 'contains'
  | 'starts_with'
  | 'ends_with'
  | 'glob'
  | 'matches'
  | 'greater_than'
  | 'greater_or_equal'
  | 'less_than'
  | 'less_or_equal'
  | 'before'
  | 'after'
  | 'semver_equals'
  | 'semver_greater_than'
  | 'semver_less_than'
  | 'semver_satisfies'
  | 'in_cidr'
  | 'exists';

/** An attribute compared with a value. */
export interface WrittenComparison {
  /** The attribute's name; dots walk into structures. */
  readonly attribute: string;
  /** How it is compared. */
  readonly operator: Operator;
  /** What it is compared with. Operators on text, and `in_cidr`, take a list too: one of it is enough. `exists` takes true (the default) or false. */
  readonly value?: Scalar | readonly Scalar[];
  /**
   * Whether upper and lower case are the same, for comparisons of text.
   * @default false
   */
  readonly ignoreCase?: boolean;
  /**
   * Yours: Halyard ignores every key that starts with `x-`.
   */
  readonly [extension: `x-${string}`]: unknown;
}

/**
 * When a kill switch trips by itself: what it guards fails too often, or answers too slowly. Then it is open: requests get
 * 503 or the fallback. After a cooldown it lets single requests through as probes, until one succeeds.
 */
export interface WrittenBreaker {
  /**
   * The share of failures (answers from 500, thrown errors) in the window that trips it.
   * @exclusiveMinimum 0
   * @maximum 1
   * @default 0.5
   */
  readonly errorRate?: number;
  /**
   * How many requests the window must hold before it may trip.
   * @minimum 1
   * @default 20
   */
  readonly minimumRequests?: number;
  /**
   * The length of the sliding window, in seconds.
   * @exclusiveMinimum 0
   * @maximum 86400
   * @default 10
   */
  readonly windowSeconds?: number;
  /**
   * How long it stays open before it lets a probe through, in seconds.
   * @exclusiveMinimum 0
   * @maximum 86400
   * @default 30
   */
  readonly cooldownSeconds?: number;
  /**
   * An answer that takes longer is slow, in milliseconds. Default: none is.
   * @exclusiveMinimum 0
   * @maximum 3600000
   */
  readonly slowMs?: number;
  /**
   * The share of slow answers in the window that trips it. Only with `slowMs`.
   * @exclusiveMinimum 0
   * @maximum 1
   * @default 0.8
   */
  readonly slowRate?: number;
  /**
   * Whether it closes by itself (`auto`), or stays open until a person calls `restore` (`manual`).
   * @default "auto"
   */
  readonly reset?: 'auto' | 'manual';
  /**
   * Whether each instance has a breaker of its own, or a trip on one opens those of the whole fleet, through the store.
   * @default "instance"
   */
  readonly scope?: 'instance' | 'fleet';
  /**
   * Yours: Halyard ignores every key that starts with `x-`.
   */
  readonly [extension: `x-${string}`]: unknown;
}

/**
 * The measures that a watched rollout is held to. Without any of `maxErrorRate`, `maxErrorRateIncrease`, `maxP99Ms`,
 * `maxP99Increase` and `queries`, the share of errors must not be higher in than out: `maxErrorRateIncrease: 0`.
 */
export interface WrittenChecks {
  /**
   * The highest share of errors among requests of units that are in: 0.01 is 1 %.
   * @minimum 0
   * @exclusiveMaximum 1
   */
  readonly maxErrorRate?: number;
  /**
   * By how much the share of errors may be higher in than out: 0.01 allows 3 % where it is 2 % out. Above it the rollout is
   * rolled back as soon as chance can't explain it.
   * @minimum 0
   * @exclusiveMaximum 1
   */
  readonly maxErrorRateIncrease?: number;
  /**
   * The highest 99th percentile of the duration among requests of units that are in, in milliseconds.
   * @exclusiveMinimum 0
   */
  readonly maxP99Ms?: number;
  /**
   * By what share the 99th percentile of the duration may be higher in than out: 0.2 is 20 % slower.
   * @minimum 0
   * @maximum 10
   */
  readonly maxP99Increase?: number;
  /** Measures of your own, asked of Prometheus. */
  readonly queries?: readonly WrittenQuery[];
  /**
   * How many requests each arm needs in a stage before the next one.
   * @asType integer
   * @minimum 0
   * @default 100
   */
  readonly minimumRequests?: number;
  /**
   * What to do once data has been missing for `noDataGraceMinutes`: wait for it, roll back, or go on by time alone.
   * @default "hold"
   */
  readonly onNoData?: 'hold' | 'rollback' | 'promote';
  /**
   * How long data may be missing before `onNoData` applies, in minutes.
   * @minimum 0
   * @default 10
   */
  readonly noDataGraceMinutes?: number;
  /**
   * At how many looks in a row a limit (`maxErrorRate`, `maxP99Ms`, `maxP99Increase`, one of `queries`) must fail before the
   * rollout is rolled back.
   * @asType integer
   * @minimum 1
   * @default 3
   */
  readonly failureLimit?: number;
  /**
   * How long a rolled back rollout rests before somebody may start it again, in minutes.
   * @minimum 0
   * @default 0
   */
  readonly cooldownMinutes?: number;
  /**
   * The confidence of `maxErrorRateIncrease`, for the whole rollout: at 0.95, at most 5 % of harmless rollouts are rolled back.
   * @exclusiveMinimum 0.5
   * @exclusiveMaximum 1
   * @default 0.95
   */
  readonly confidence?: number;
  /**
   * Yours: Halyard ignores every key that starts with `x-`.
   */
  readonly [extension: `x-${string}`]: unknown;
}

/** A measure of your own. It has `above`, `below`, or both. */
export interface WrittenQuery {
  /** What verdicts call it. */
  readonly name: string;
  /** PromQL that gives one number. */
  readonly query: string;
  /** The measure fails above this. */
  readonly above?: number;
  /** The measure fails below this. */
  readonly below?: number;
  /**
   * Yours: Halyard ignores every key that starts with `x-`.
   */
  readonly [extension: `x-${string}`]: unknown;
}
