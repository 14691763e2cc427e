import {
  checkOptions,
  hasMethods,
  isBoolean,
  isFunction,
  isLine,
  isPositive,
  type OptionChecks,
} from '../../options/check-options.js';
import type { HealthSource } from './health/health-source.js';
import type { NotifyRollout } from './telling/rollout-notice.js';

export interface RolloutControllerOptions {
  /** What knows how requests went: `prometheusHealth(…)` for a fleet, `processHealth(halyard)` for a single process. */
  readonly health: HealthSource;
  /** How often rollouts are looked at, and how long a window of measurements is, in seconds; from 1 to 3,600. Default: 60. */
  readonly intervalSeconds?: number | undefined;
  /** Decides and tells, and writes nothing. Default: false. */
  readonly dryRun?: boolean | undefined;
  /** Whom to tell, such as `rolloutWebhook(…)`. Default: nobody but the log. */
  readonly notify?: NotifyRollout | readonly NotifyRollout[] | undefined;
  /** After how many minutes at one stage, held for reasons other than its own time, somebody is told. Default: 60. */
  readonly holdMinutes?: number | undefined;
  /**
   * How long this process may go without a word before another takes over, in seconds; from 3 to 600. `false`: this store
   * can't keep a lease, and no other process runs a controller. Default: 30.
   */
  readonly leaseSeconds?: number | false | undefined;
  /** As whom it leads. Default: machine, process and a random part. */
  readonly instance?: string | undefined;
}

const isWithin =
  (low: number, high: number) =>
  (value: unknown): boolean =>
    typeof value === 'number' && value >= low && value <= high;

const isNotify = (value: unknown): boolean =>
  isFunction(value) || (Array.isArray(value) && value.every((one) => isFunction(one)));

const checks: OptionChecks<RolloutControllerOptions> = {
  health: {
    allowed: 'a source of health, such as prometheusHealth({ url, selector })',
    isRight: hasMethods('look'),
    isRequired: true,
  },
  intervalSeconds: { allowed: 'a number of seconds from 1 to 3600', isRight: isWithin(1, 3600) },
  dryRun: { allowed: 'true or false', isRight: isBoolean },
  notify: { allowed: 'a function, or a list of them', isRight: isNotify },
  holdMinutes: { allowed: 'a number of minutes above 0', isRight: isPositive },
  leaseSeconds: {
    allowed: 'a number of seconds from 3 to 600, or false',
    isRight: (value) => value === false || isWithin(3, 600)(value),
  },
  instance: { allowed: 'a text of 1 to 128 characters, on one line', isRight: isLine(128) },
};

/** @throws TypeError that names the option, what came and what is allowed */
export function checkControllerOptions(options: RolloutControllerOptions): void {
  checkOptions('createRolloutController', options, checks);
}
