import { percentageAt, scheduleEnd } from '../evaluation/schedule.js';
import type { FlagDefinition, Outcome, Rollout, RuleDefinition, Split } from '../flags/flag-definition.js';
import type { FlagState } from '../flags/flag-state.js';
import type { RolloutProgress } from '../flags/rollout-progress.js';

/** That everyone gets one variant, for good: nothing but a change by hand gives anybody another. */
export interface Settlement {
  /** `undefined`: the caller's default. */
  readonly variant: string | undefined;
  /**
   * Since when, in milliseconds since the epoch: the end of the last schedule, stage or rule that gave anybody another.
   * `undefined`: no time says it. A document doesn't tell when it was edited.
   */
  readonly since: number | undefined;
  /** In words: `it is served to everyone`, `it is disabled`. */
  readonly because: string;
}

/** What else decides about flags: each other, by prerequisites, and what operations did. */
export interface SettlementScope {
  readonly flags: ReadonlyMap<string, FlagDefinition>;
  readonly state: FlagState;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

type FindSettlement = (flag: FlagDefinition) => Settlement | undefined;

/** The variants that units may get from now on, and since when no others are among them. */
interface Reach {
  readonly variants: ReadonlySet<string | undefined>;
  readonly since: number | undefined;
}

/**
 * Finds what everyone gets for good, if that is one variant; each flag is looked at once, however many require it. A kill or
 * an open breaker settles nothing: it is meant to end. Nor does a rollout that is under way, paused or rolled back: somebody
 * has yet to decide.
 */
export function createSettlements(scope: SettlementScope): FindSettlement {
  const known = new Map<string, Settlement | undefined>();
  const find: FindSettlement = (flag) => {
    if (known.has(flag.key)) return known.get(flag.key);
    // Whoever comes back to it on the way gets no answer: a circle settles nothing.
    known.set(flag.key, undefined);
    const found = settle(flag, scope, find);
    known.set(flag.key, found);
    return found;
  };
  return find;
}

function settle(flag: FlagDefinition, scope: SettlementScope, find: FindSettlement): Settlement | undefined {
  if (!flag.enabled) return { variant: flag.offVariant, since: undefined, because: 'it is disabled' };
  if (isOffForNow(flag.key, scope)) return undefined;
  const required = settleRequired(flag, scope, find);
  if (required.type === 'never') return { ...required.settlement, variant: flag.offVariant };
  const own = outcomeReach(flag.outcome, flag.offVariant, scope.now, scope.state.rollouts.get(flag.key));
  const reach = merge([own, besideOutcome(flag, scope), required.reach]);
  if (reach.variants.size !== 1) return undefined;
  const [variant] = reach.variants;
  // A share that is written as a number may have been written after all that has a time.
  const since = own.since === undefined ? undefined : reach.since;
  return { variant, since, because: reasonOf(flag, variant) };
}

/** Whether the flag is killed, or its breaker open for the fleet. */
function isOffForNow(key: string, { state, now }: SettlementScope): boolean {
  const kill = state.kills.get(key);
  const trip = state.trips.get(key);
  return (
    (kill !== undefined && now < (kill.until ?? Infinity)) || (trip !== undefined && now < (trip.openUntil ?? Infinity))
  );
}

/** Whether the required flags never serve what is required, or what it adds to the variants if they may not. */
type Required =
  | { readonly type: 'never'; readonly settlement: Omit<Settlement, 'variant'> }
  | { readonly type: 'maybe'; readonly reach: Reach };

function settleRequired(
  { requires, offVariant }: FlagDefinition,
  { flags }: SettlementScope,
  find: FindSettlement,
): Required {
  let reach: Reach = { variants: NOBODY, since: undefined };
  for (const { flag: key, variant } of requires) {
    const flag = flags.get(key);
    const settled = flag && find(flag);
    if (flag === undefined || settled === undefined) {
      reach = merge([reach, { variants: new Set([offVariant]), since: undefined }]);
    } else if (!flag.enabled || settled.variant !== variant) {
      const because = `it requires ${key} to serve ${variant}, which that never does`;
      return { type: 'never', settlement: { since: settled.since, because } };
    } else {
      reach = merge([reach, { variants: NOBODY, since: settled.since }]);
    }
  }
  return { type: 'maybe', reach };
}

/** What targets and rules give, ahead of the flag's own outcome. */
function besideOutcome(flag: FlagDefinition, { now }: SettlementScope): Reach {
  return merge([
    { variants: new Set(flag.targets.values()), since: undefined },
    ...flag.rules.map((rule) => ruleReach(rule, flag.offVariant, now)),
  ]);
}

const NOBODY: ReadonlySet<undefined> = new Set();

function ruleReach({ outcome, until = Infinity }: RuleDefinition, off: string | undefined, now: number): Reach {
  return until <= now ? { variants: NOBODY, since: until } : outcomeReach(outcome, off, now);
}

function outcomeReach(outcome: Outcome, off: string | undefined, now: number, progress?: RolloutProgress): Reach {
  switch (outcome.type) {
    case 'serve':
      return { variants: new Set([outcome.variant]), since: undefined };
    case 'split':
      return { variants: splitVariants(outcome.split, off), since: undefined };
    case 'rollout':
      return rolloutReach(outcome.rollout, new Set([outcome.rollout.variant]), now, progress);
    case 'experiment': {
      const { rollout, split } = outcome;
      return rolloutReach(rollout, splitVariants(split, rollout.otherwise), now, progress);
    }
  }
}

/** A unit that lacks the attribute takes no part in a split, unless that is the targeting key, which none should lack. */
function splitVariants({ weights, by }: Split, otherwise: string | undefined): ReadonlySet<string | undefined> {
  const variants = new Set<string | undefined>();
  for (const [variant, weight] of weights) if (weight > 0) variants.add(variant);
  return by === 'targetingKey' ? variants : variants.add(otherwise);
}

function rolloutReach(
  rollout: Rollout,
  placedIn: ReadonlySet<string | undefined>,
  now: number,
  progress: RolloutProgress | undefined,
): Reach {
  const end = endOf(rollout, now, progress);
  if (end?.percentage === 0) return { variants: new Set([rollout.otherwise]), since: end.since };
  if (end?.percentage === 100) return { variants: placedIn, since: end.since };
  return { variants: new Set([...placedIn, rollout.otherwise]), since: undefined };
}

/** The share that a rollout has reached for good, in percent (0–100), and when; `undefined` while it is under way. */
function endOf(
  { schedule, seed }: Rollout,
  now: number,
  progress: RolloutProgress | undefined,
): { readonly percentage: number; readonly since: number | undefined } | undefined {
  switch (schedule.type) {
    case 'fixed':
      return { percentage: schedule.percentage, since: undefined };
    case 'watched': {
      if (progress?.seed !== seed || progress.status !== 'completed') return undefined;
      return { percentage: schedule.stages.at(-1)?.percentage ?? 0, since: progress.at };
    }
    case 'curve':
    case 'stages': {
      const since = scheduleEnd(schedule);
      return now < since ? undefined : { percentage: percentageAt(schedule, now), since };
    }
  }
}

function merge(reaches: readonly Reach[]): Reach {
  const variants = new Set<string | undefined>();
  let since: number | undefined;
  for (const reach of reaches) {
    for (const variant of reach.variants) variants.add(variant);
    since = latest(since, reach.since);
  }
  return { variants, since };
}

function latest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
}

function reasonOf({ outcome }: FlagDefinition, variant: string | undefined): string {
  const served = `everyone gets ${variant ?? "the caller's default"}`;
  const isRollout = outcome.type === 'rollout' || outcome.type === 'experiment';
  return isRollout && outcome.rollout.schedule.type !== 'fixed' ? `its rollout is over: ${served}` : served;
}
