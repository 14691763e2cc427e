import type { FlagKind } from '../flags/flag-document.js';
import { checkOptions, isObject, type OptionCheck, type OptionChecks } from '../options/check-options.js';

/** When flags have had their day. */
export interface LifecycleOptions {
  /**
   * How many days a release or experiment flag may be settled before it is stale, above 0 or 0. Where nobody knows since
   * when it is settled, its age counts. Default: 90.
   */
  readonly staleAfterDays?: number | undefined;
  /** How many days before its end a flag is `expiring`. Default: 14. */
  readonly expiringDays?: number | undefined;
  /** How many days flags live that don't say when they end, by kind; `null` or `false`: without end. */
  readonly lifetimes?: Lifetimes | undefined;
}

/** In days, from `created`. Default: release and experiment 40, operational and permission without end. */
export type Lifetimes = { readonly [Kind in FlagKind]?: number | null | false | undefined };

/** Options with every default filled in, in milliseconds. */
export interface LifecycleSettings {
  readonly staleAfterMs: number;
  readonly expiringMs: number;
  /** `Infinity`: without end. */
  readonly lifetimesMs: Readonly<Record<FlagKind, number>>;
}

export const DAY_MS = 86_400_000;

const LONGEST_DAYS = 36_500;

const isDays = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value <= LONGEST_DAYS;

const days: OptionCheck = { allowed: 'a number of days from 0 to 36,500', isRight: isDays };

const lifetime: OptionCheck = {
  allowed: 'a number of days from 0 to 36,500, or null for no end',
  isRight: (value) => value === null || value === false || isDays(value),
};

const checks: OptionChecks<LifecycleOptions> = {
  staleAfterDays: days,
  expiringDays: days,
  lifetimes: { allowed: 'an object of days by kind', isRight: isObject },
};

const lifetimeChecks: OptionChecks<Lifetimes> = {
  release: lifetime,
  experiment: lifetime,
  operational: lifetime,
  permission: lifetime,
};

/**
 * @param where the function that was called, for the message
 * @throws TypeError that names the option, what came and what is allowed
 */
export function readLifecycleOptions(where: string, options: LifecycleOptions): LifecycleSettings {
  checkOptions(where, options, checks);
  const { staleAfterDays = 90, expiringDays = 14, lifetimes = {} } = options;
  checkOptions(`${where}: option \`lifetimes\``, lifetimes, lifetimeChecks);
  const { release = 40, experiment = 40, operational = null, permission = null } = lifetimes;
  return {
    staleAfterMs: staleAfterDays * DAY_MS,
    expiringMs: expiringDays * DAY_MS,
    lifetimesMs: {
      release: lifetimeMs(release),
      experiment: lifetimeMs(experiment),
      operational: lifetimeMs(operational),
      permission: lifetimeMs(permission),
    },
  };
}

const lifetimeMs = (days: number | null | false): number =>
  days === null || days === false ? Infinity : days * DAY_MS;
