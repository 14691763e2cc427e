import { createPoissonDraw, type PoissonDraw } from '../../../statistics/poisson.js';
import type { Random } from '../../../statistics/random.js';
import type { ObservedArms } from '../judge/observations.js';
import { SLICES } from '../health/slices.js';

/** How well a made-up service answers. */
export interface SimulatedHealth {
  /** The chance that a request fails, whoever makes it: 0–1. */
  readonly errorRate: number;
  /** The share of units all of whose requests fail: 0–1. Default: 0. */
  readonly failingUnits?: number;
  /** How long requests take: log-normal, with this median and this standard deviation of the logarithm. Default: not measured. */
  readonly latency?: { readonly medianMs: number; readonly spread: number };
}

/** A made-up service, and what a rollout does to it. */
export interface SimulatedService {
  /** Of all units together. */
  readonly requestsPerSecond: number;
  /** How many units there are. Default: 10,000. */
  readonly units?: number;
  /**
   * How unevenly units make requests: the shape of a Pareto distribution, above 1; at 1.2, one unit in a hundred makes
   * nearly half of all requests. Default: all alike.
   */
  readonly tail?: number;
  /** For units that are out. */
  readonly out: SimulatedHealth;
  /** For units that are in. Default: the same, so that the rollout is harmless. */
  readonly in?: SimulatedHealth;
}

/** A service's units, drawn once, and their requests as time goes on. */
export interface ServiceModel {
  /** A stage begins: the units below `percentage` are in, and nothing has been counted yet. */
  enterStage(percentage: number): void;
  /** Lets the time of one look pass. What is returned changes with the next call. */
  look(): { readonly stage: ObservedArms; readonly window: ObservedArms };
  /** How many units are expected to have met a failure that only the change made, and how many such failures there were. */
  harm(): { readonly units: number; readonly failures: number };
}

const DEFAULT_UNITS = 10_000;

/** Upper bounds of the histograms, in seconds: those of Halyard's metrics. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

interface Units {
  /** Requests per look. */
  readonly rate: Float64Array;
  /** Where the unit is on the ring, in percent. */
  readonly point: Float64Array;
  readonly slice: Uint8Array;
  /** The share of its requests that fails: in, and out. */
  readonly failsIn: Float64Array;
  readonly failsOut: Float64Array;
  /** For how many looks it has been in. */
  readonly looksIn: Float64Array;
}

/** Requests of one arm. How many there are of each sort is independent, and so Poisson. */
interface Arm {
  readonly health: SimulatedHealth;
  /** By slices. */
  good: readonly PoissonDraw[];
  bad: readonly PoissonDraw[];
  /** By buckets of the duration. */
  durations: readonly PoissonDraw[];
  stage: Counts;
  window: Counts;
}

interface Counts {
  readonly requests: Float64Array;
  readonly failures: Float64Array;
  readonly durations: { readonly bounds: readonly number[]; readonly counts: number[] } | undefined;
}

export function createServiceModel(service: SimulatedService, secondsPerLook: number, random: Random): ServiceModel {
  const units = drawUnits(service, secondsPerLook, random);
  const { out, in: within = out } = service;
  const arms = { in: createArm(within), out: createArm(out) };
  const draws = rememberDraws();
  let inUpTo = 0;
  let looks = 0;
  const addLooks = (): void => {
    units.point.forEach((point, unit) => {
      if (point < inUpTo) units.looksIn[unit] = (units.looksIn[unit] ?? 0) + looks;
    });
    looks = 0;
  };
  return {
    enterStage(percentage) {
      addLooks();
      inUpTo = percentage;
      expectRequests(arms.in, units, units.failsIn, (point) => point < percentage, draws);
      expectRequests(arms.out, units, units.failsOut, (point) => point >= percentage, draws);
    },
    look() {
      looks += 1;
      drawRequests(arms.in, random);
      drawRequests(arms.out, random);
      return {
        stage: { in: arms.in.stage, out: arms.out.stage },
        window: { in: arms.in.window, out: arms.out.window },
      };
    },
    harm() {
      addLooks();
      return harmOf(units);
    },
  };
}

function drawUnits(
  { units: count = DEFAULT_UNITS, requestsPerSecond, tail, out, in: within = out }: SimulatedService,
  secondsPerLook: number,
  random: Random,
): Units {
  const array = (make: () => number): Float64Array => new Float64Array(count).map(make);
  const weight = array(() => (tail === undefined ? 1 : (1 - random()) ** (-1 / tail)));
  const total = weight.reduce((sum, one) => sum + one, 0);
  const luck = array(random);
  const failing = (health: SimulatedHealth) =>
    luck.map((one) => (one < (health.failingUnits ?? 0) ? 1 : health.errorRate));
  return {
    rate: weight.map((one) => (one / total) * requestsPerSecond * secondsPerLook),
    point: array(() => random() * 100),
    slice: new Uint8Array(count).map(() => Math.floor(random() * SLICES)),
    failsIn: failing(within),
    failsOut: failing(out),
    looksIn: new Float64Array(count),
  };
}

function createArm(health: SimulatedHealth): Arm {
  return { health, good: [], bad: [], durations: [], stage: emptyCounts(health), window: emptyCounts(health) };
}

function emptyCounts({ latency }: SimulatedHealth): Counts {
  return {
    requests: new Float64Array(SLICES),
    failures: new Float64Array(SLICES),
    durations: latency && { bounds: BOUNDS, counts: Array.from({ length: BOUNDS.length + 1 }, () => 0) },
  };
}

/** Many slices expect the same number of requests: their tables are made once. */
function rememberDraws(): (mean: number) => PoissonDraw {
  const known = new Map<number, PoissonDraw>();
  return (mean) => {
    const draw = known.get(mean) ?? createPoissonDraw(mean);
    known.set(mean, draw);
    return draw;
  };
}

function expectRequests(
  arm: Arm,
  { rate, slice, point }: Units,
  fails: Float64Array,
  belongs: (point: number) => boolean,
  draws: (mean: number) => PoissonDraw,
): void {
  const good = new Float64Array(SLICES);
  const bad = new Float64Array(SLICES);
  let requests = 0;
  rate.forEach((expected, unit) => {
    if (!belongs(point[unit] ?? 0)) return;
    const place = slice[unit] ?? 0;
    const failures = expected * (fails[unit] ?? 0);
    bad[place] = (bad[place] ?? 0) + failures;
    good[place] = (good[place] ?? 0) + expected - failures;
    requests += expected;
  });
  arm.good = Array.from(good, draws);
  arm.bad = Array.from(bad, draws);
  arm.durations = arm.health.latency ? bucketShares(arm.health.latency).map((share) => draws(requests * share)) : [];
  arm.stage = emptyCounts(arm.health);
}

function drawRequests({ good, bad, durations, stage, window }: Arm, random: Random): void {
  for (let slice = 0; slice < SLICES; slice += 1) {
    const failures = bad[slice]?.(random) ?? 0;
    const requests = failures + (good[slice]?.(random) ?? 0);
    window.failures[slice] = failures;
    window.requests[slice] = requests;
    stage.failures[slice] = (stage.failures[slice] ?? 0) + failures;
    stage.requests[slice] = (stage.requests[slice] ?? 0) + requests;
  }
  for (const [bucket, draw] of durations.entries()) {
    const requests = draw(random);
    if (window.durations) window.durations.counts[bucket] = requests;
    if (stage.durations) stage.durations.counts[bucket] = (stage.durations.counts[bucket] ?? 0) + requests;
  }
}

/** The share of requests in each bucket, and in the one above all. */
function bucketShares({ medianMs, spread }: NonNullable<SimulatedHealth['latency']>): readonly number[] {
  const below = [...BOUNDS.map((bound) => normalShareBelow(Math.log((bound * 1000) / medianMs) / spread)), 1];
  return below.map((share, index) => share - (below[index - 1] ?? 0));
}

/** M. Abramowitz and I. A. Stegun, Handbook of Mathematical Functions, 26.2.17: right to 7.5e-8, plenty for a bucket. */
function normalShareBelow(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
  return z > 0 ? 1 - tail : tail;
}

function harmOf({ rate, failsIn, failsOut, looksIn }: Units): { readonly units: number; readonly failures: number } {
  let units = 0;
  let failures = 0;
  for (let unit = 0; unit < rate.length; unit += 1) {
    const caused = (rate[unit] ?? 0) * (looksIn[unit] ?? 0) * Math.max((failsIn[unit] ?? 0) - (failsOut[unit] ?? 0), 0);
    failures += caused;
    units -= Math.expm1(-caused);
  }
  return { units, failures };
}
