import {
  checkOptions,
  isObject,
  isPositive,
  isWholeNumber,
  type OptionChecks,
} from '../../../options/check-options.js';
import type { SimulatedHealth, SimulatedService } from './simulated-service.js';

const isShare = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value <= 1;

const health = { allowed: 'an object such as `{ errorRate: 0.01 }`', isRight: isObject };

const serviceChecks: OptionChecks<SimulatedService> = {
  requestsPerSecond: { allowed: 'a number above 0', isRight: isPositive },
  units: { allowed: 'a whole number from 1 to 10,000,000', isRight: isWholeNumber(1, 10_000_000) },
  tail: { allowed: 'a number above 1', isRight: (value) => isPositive(value) && (value as number) > 1 },
  out: health,
  in: health,
};

const healthChecks: OptionChecks<SimulatedHealth> = {
  errorRate: { allowed: 'a share from 0 to 1', isRight: isShare },
  failingUnits: { allowed: 'a share from 0 to 1', isRight: isShare },
  latency: { allowed: 'an object such as `{ medianMs: 100, spread: 0.5 }`', isRight: isObject },
};

const latencyChecks: OptionChecks<NonNullable<SimulatedHealth['latency']>> = {
  medianMs: { allowed: 'a number of milliseconds above 0', isRight: isPositive },
  spread: { allowed: 'a number above 0', isRight: isPositive },
};

/** @throws TypeError that names what is wrong with a made-up service */
export function checkService(service: SimulatedService): void {
  const where = 'simulateRollout: the service';
  checkOptions(where, service, serviceChecks);
  needs(where, service, 'requestsPerSecond', 'out');
  for (const arm of ['out', 'in'] as const) {
    const described = service[arm];
    if (described === undefined) continue;
    checkOptions(`${where}, ${arm}`, described, healthChecks);
    needs(`${where}, ${arm}`, described, 'errorRate');
    if (described.latency === undefined) continue;
    checkOptions(`${where}, ${arm}, latency`, described.latency, latencyChecks);
    needs(`${where}, ${arm}, latency`, described.latency, 'medianMs', 'spread');
  }
}

function needs<Options extends object>(where: string, options: Options, ...names: (keyof Options & string)[]): void {
  const missing = names.find((name) => options[name] === undefined);
  if (missing !== undefined) throw new TypeError(`${where}: \`${missing}\` is missing.`);
}
