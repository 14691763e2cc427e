import { checkOptions, isLine, type OptionChecks } from '../options/check-options.js';

/** How an instance tells its store that it lives, and as whom. */
export interface FleetOptions {
  /** Unique in the fleet, and another after a restart; up to 128 characters. Default: a random UUID. */
  readonly id?: string | undefined;
  /** What people call this instance, such as the pod; up to 255 characters. Default: the machine's name. */
  readonly host?: string | undefined;
  /**
   * How often it reports, in milliseconds, give or take a tenth; from 100 to a day. It is forgotten after three reports
   * that did not come. Default: 5,000.
   */
  readonly reportMs?: number | undefined;
}

/** How long `waitForFleet` waits. */
export interface FleetWaitOptions {
  /** In milliseconds. Default: 10,000. */
  readonly timeoutMs?: number | undefined;
}

const DAY_MS = 86_400_000;

const checks: OptionChecks<FleetOptions> = {
  id: { allowed: 'a text of 1 to 128 characters, on one line', isRight: isLine(128) },
  host: { allowed: 'a text of 1 to 255 characters, on one line', isRight: isLine(255) },
  reportMs: {
    allowed: 'a number of milliseconds from 100 to 86400000 (a day)',
    isRight: (value) => typeof value === 'number' && value >= 100 && value <= DAY_MS,
  },
};

const waitChecks: OptionChecks<FleetWaitOptions> = {
  timeoutMs: {
    allowed: 'a number of milliseconds above 0, of at most a day',
    isRight: (value) => typeof value === 'number' && value > 0 && value <= DAY_MS,
  },
};

/** @throws TypeError that names the option, what came and what is allowed */
export function checkFleetOptions(options: FleetOptions): void {
  checkOptions('createHalyard: option `fleet`', options, checks);
}

/** @throws TypeError that names the option, what came and what is allowed */
export function checkFleetWaitOptions(where: string, options: FleetWaitOptions): void {
  checkOptions(where, options, waitChecks);
}
