import type { FlagSet } from '../evaluation/flag-set.js';
import type { FlagDefinition } from '../flags/flag-definition.js';
import type { FlagKind } from '../flags/flag-document.js';
import type { FlagState } from '../flags/flag-state.js';
import { DAY_MS, type LifecycleOptions, type LifecycleSettings, readLifecycleOptions } from './lifecycle-options.js';
import { createSettlements, type Settlement } from './settlement.js';

/** Where a flag stands between its birth and its removal, and why. */
export interface FlagLifecycle {
  readonly key: string;
  readonly kind: FlagKind;
  readonly owner: string | undefined;
  readonly ticket: string | undefined;
  /** By its document. */
  readonly created: Date | undefined;
  /** Since `created`, at least 0. */
  readonly ageMs: number | undefined;
  /** When it should be gone. `undefined`: it says no end, and its kind has none, or nobody knows when it was made. */
  readonly expires: Date | undefined;
  /** Whether the document says so, or the lifetime of its kind does; `undefined` where there is no end. */
  readonly expiresBy: 'document' | 'lifetime' | undefined;
  readonly isExpired: boolean;
  /** What everyone gets for good; `undefined`: that isn't settled. */
  readonly settled: SettledOn | undefined;
  /** When an evaluation was last noticed. `undefined`: unknown, which doesn't mean unused. */
  readonly lastEvaluatedAt: Date | undefined;
  /** How often each variant was served, as far as is known; `''` is the caller's default. */
  readonly evaluations: ReadonlyMap<string, number>;
  readonly stage: LifecycleStage;
  /** Why it is at that stage, in words. */
  readonly why: string;
}

/**
 * `stale`: a release or experiment flag that decides nothing any more, and has for long, or is expired: its code can go.
 * `expired`: its end is over, and it still decides something, or is of another kind. `expiring`: its end is near. Operational
 * and permission flags are never stale.
 */
export type LifecycleStage = 'active' | 'expiring' | 'expired' | 'stale';

/** The one variant that everyone gets. */
export interface SettledOn {
  /** `undefined`: the caller's default. */
  readonly variant: string | undefined;
  /** `undefined`: unknown, because a document doesn't tell when it was edited. */
  readonly since: Date | undefined;
  /** In words. */
  readonly because: string;
}

/** What is known of a flag's evaluations. */
export interface FlagUsage {
  /** Milliseconds since the epoch; `undefined`: unknown. */
  readonly lastEvaluatedAt: number | undefined;
  /** How often each variant was served; `''` is the caller's default. */
  readonly evaluations: ReadonlyMap<string, number>;
}

/**
 * The lifecycles of all flags of a document, in its order.
 *
 * @param usage by flag key; a key that isn't there is unknown
 * @param now milliseconds since the epoch
 * @throws TypeError for an option that is unknown or wrong
 */
export function lifecycleOf(
  flags: ReadonlyMap<string, FlagDefinition>,
  state: FlagState,
  usage: ReadonlyMap<string, FlagUsage>,
  now: number,
  options: LifecycleOptions = {},
): readonly FlagLifecycle[] {
  const settings = readLifecycleOptions('lifecycle', options);
  const settlementOf = createSettlements({ flags, state, now });
  return Array.from(flags.values(), (flag) => {
    const term = termOf(flag, settings, now);
    const settled = settlementOf(flag);
    const { lastEvaluatedAt, evaluations = NO_EVALUATIONS } = usage.get(flag.key) ?? {};
    return {
      key: flag.key,
      kind: flag.kind,
      owner: flag.owner,
      ticket: flag.ticket,
      created: dateOf(flag.created),
      ageMs: flag.created === undefined ? undefined : Math.max(0, now - flag.created),
      expires: dateOf(term.expires),
      expiresBy: term.by,
      isExpired: term.isExpired,
      settled: settled && { ...settled, since: dateOf(settled.since) },
      lastEvaluatedAt: dateOf(lastEvaluatedAt),
      evaluations,
      ...stageOf(flag, term, settled, now, settings),
    };
  });
}

const NO_EVALUATIONS: ReadonlyMap<string, number> = new Map();

/** The flags of a set as they serve, also in their last good form. */
export function definitionsOf({ flags }: FlagSet): ReadonlyMap<string, FlagDefinition> {
  const definitions = new Map<string, FlagDefinition>();
  for (const { key, definition } of flags.values()) if (definition !== undefined) definitions.set(key, definition);
  return definitions;
}

/** When a flag ends. */
export interface Term {
  readonly expires: number | undefined;
  readonly by: FlagLifecycle['expiresBy'];
  readonly isExpired: boolean;
}

/** When a flag ends: by its document, else by its kind's lifetime. Times are milliseconds since the epoch. */
export function termOf({ kind, created, expires }: FlagDefinition, settings: LifecycleSettings, now: number): Term {
  if (expires !== undefined) return { expires, by: 'document', isExpired: expires <= now };
  const end = created === undefined ? Infinity : created + settings.lifetimesMs[kind];
  if (end === Infinity) return { expires: undefined, by: undefined, isExpired: false };
  return { expires: end, by: 'lifetime', isExpired: end <= now };
}

/** At which stage a flag is, and why. `now` is milliseconds since the epoch. */
export function stageOf(
  flag: FlagDefinition,
  term: Term,
  settled: Settlement | undefined,
  now: number,
  { staleAfterMs, expiringMs }: LifecycleSettings,
): Pick<FlagLifecycle, 'stage' | 'why'> {
  const since = settled?.since ?? flag.created;
  if (settled !== undefined && canBeStale(flag)) {
    if (since !== undefined && now - since >= staleAfterMs) {
      const age = inDays(now - since);
      const known = settled.since === undefined ? `it was made ${age} ago` : `has been so for ${age}`;
      return { stage: 'stale', why: `${settled.because}, and ${known}` };
    }
    if (term.isExpired) return { stage: 'stale', why: `${settled.because}, and ${endInWords(term, now)}` };
  }
  if (term.isExpired) return { stage: 'expired', why: endInWords(term, now) };
  if (term.expires !== undefined && term.expires - now <= expiringMs) {
    return { stage: 'expiring', why: endInWords(term, now) };
  }
  if (settled === undefined) return { stage: 'active', why: 'it decides who gets what' };
  // What may have been made today is nothing to remove.
  const doubt =
    since === undefined && canBeStale(flag) ? ', and nobody knows since when: say when it was `created`' : '';
  return { stage: 'active', why: settled.because + doubt };
}

/** Flags for operations and permissions may serve everyone the same for years, and so may what a breaker switches off. */
export const canBeStale = ({ kind, breaker }: FlagDefinition): boolean =>
  (kind === 'release' || kind === 'experiment') && breaker === undefined;

function endInWords({ expires = 0, by, isExpired }: Term, now: number): string {
  const whose = by === 'lifetime' ? 'the lifetime of its kind' : 'its time';
  return isExpired ? `${whose} ended ${inDays(now - expires)} ago` : `${whose} ends in ${inDays(expires - now)}`;
}

/** A span of time in whole days, rounded down: `1 day`, `40 days`. */
export function inDays(ms: number): string {
  const days = Math.floor(ms / DAY_MS);
  return days === 1 ? '1 day' : `${days} days`;
}

const dateOf = (time: number | undefined): Date | undefined => (time === undefined ? undefined : new Date(time));
