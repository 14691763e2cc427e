import { simulateRollout, type SimulatedService, type WrittenRollout } from 'halyard';

/** How often each is tried. */
export const runs = Number(process.env['SIMULATION_RUNS'] ?? 2000);

/** What a run is tried on, and how often. */
export interface Scenario {
  /** As the documentation's table calls it. */
  readonly name: string;
  readonly rollout: WrittenRollout;
  readonly service: SimulatedService;
  readonly runs: number;
  readonly hours?: number;
}

/** What came of all runs. `null` where no run was rolled back. */
export interface Outcome {
  readonly runs: number;
  readonly rolledBack: number;
  readonly completed: number;
  /** From the start to the rollback, of those that were: after how many minutes a share of 0, 5, … 100 % was. */
  readonly minutes: readonly number[];
  /** Shares of all runs that were rolled back in each stage. */
  readonly byStage: readonly number[];
  /** Medians over runs that were rolled back. */
  readonly unitsHarmed: number | null;
  readonly failuresCaused: number | null;
}

/** One minute a look, seeds from 1 on. */
export function runScenario({ rollout, service, runs, hours }: Scenario): Outcome {
  const all = Array.from({ length: runs }, (_, index) => simulateRollout(rollout, service, { seed: index + 1, hours }));
  const back = all.filter(({ outcome }) => outcome === 'rolled-back');
  const minutes = back.map((run) => run.minutes);
  const stages = rollout.stages?.length ?? 0;
  return {
    runs,
    rolledBack: back.length / runs,
    completed: all.filter(({ outcome }) => outcome === 'completed').length / runs,
    minutes: back.length === 0 ? [] : Array.from({ length: 21 }, (_, index) => quantile(minutes, index / 20) ?? 0),
    byStage: Array.from(
      { length: stages },
      (_, stage) => back.filter((run) => run.stages.length === stage + 1).length / runs,
    ),
    unitsHarmed: quantile(
      back.map(({ unitsHarmed }) => Math.round(unitsHarmed)),
      0.5,
    ),
    failuresCaused: quantile(
      back.map(({ failuresCaused }) => Math.round(failuresCaused)),
      0.5,
    ),
  };
}

function quantile(values: readonly number[], share: number): number | null {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)] ?? null;
}

/** A week, at a look every minute: 10,080 chances of a false alarm. */
export const week: WrittenRollout = {
  stages: [
    { percentage: 1, hours: 24 },
    { percentage: 10, hours: 48 },
    { percentage: 50, hours: 96 },
    { percentage: 100 },
  ],
  checks: {},
};

/** An afternoon. */
export const afternoon: WrittenRollout = {
  stages: [
    { percentage: 1, minutes: 60 },
    { percentage: 10, minutes: 60 },
    { percentage: 50, minutes: 120 },
    { percentage: 100 },
  ],
  checks: {},
};

/** Every error is a unit's that always fails, and a unit in a hundred makes nearly half of all requests. */
const differing = (errorRate: number): SimulatedService => ({
  requestsPerSecond: 100,
  tail: 1.2,
  out: { errorRate: 0, failingUnits: errorRate },
});

const alike = (errorRate: number): SimulatedService => ({ requestsPerSecond: 100, out: { errorRate } });

const percent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`;

export const baseRates = [0.001, 0.01, 0.05, 0.2] as const;

/** Nothing is wrong: whatever is rolled back is a false alarm. */
export const harmless = (rate: (typeof baseRates)[number]): readonly Scenario[] => [
  { name: `${percent(rate)}, units alike`, rollout: week, service: alike(rate), runs },
  { name: `${percent(rate)}, units that differ`, rollout: week, service: differing(rate), runs },
];

/** The rollout makes it worse. */
export const harmful: readonly Scenario[] = [
  ...[0.015, 0.02, 0.03, 0.05, 0.2].map((rate) => ({
    name: `1 % to ${percent(rate)}, units alike`,
    rollout: afternoon,
    service: { ...alike(0.01), in: { errorRate: rate } },
    runs,
  })),
  {
    name: '1 % to 3 %, one unit in a hundred always fails',
    rollout: afternoon,
    service: {
      requestsPerSecond: 100,
      out: { errorRate: 0, failingUnits: 0.01 },
      in: { errorRate: 0.02, failingUnits: 0.01 },
    },
    runs,
  },
  {
    name: '1 % to 3 %, the same, and few units make most requests',
    rollout: afternoon,
    service: { ...differing(0.01), in: { errorRate: 0.02, failingUnits: 0.01 } },
    runs,
  },
  {
    name: '1 % to 3 %, of units that always fail',
    rollout: afternoon,
    service: {
      requestsPerSecond: 100,
      out: { errorRate: 0, failingUnits: 0.01 },
      in: { errorRate: 0, failingUnits: 0.03 },
    },
    runs,
  },
];

/** From 1 % to 3 %, in a stage of a day: how soon it is seen there. */
export const byStage: readonly Scenario[] = [1, 10, 50].flatMap((percentage) =>
  [
    { name: 'units alike', out: { errorRate: 0.01 }, in: { errorRate: 0.03 } },
    {
      name: 'one unit in a hundred always fails',
      out: { errorRate: 0, failingUnits: 0.01 },
      in: { errorRate: 0.02, failingUnits: 0.01 },
    },
  ].map(({ name, ...health }) => ({
    name: `${percentage} % in, ${name}`,
    rollout: { stages: [{ percentage, hours: 24 }, { percentage: 100 }], checks: {} },
    service: { requestsPerSecond: 100, ...health },
    runs,
  })),
);

/** From 1 % to 3 %, with less traffic and more. */
export const traffic: readonly Scenario[] = [1000, 100, 10, 1].map((requestsPerSecond) => ({
  name: `${requestsPerSecond} ${requestsPerSecond === 1 ? 'request' : 'requests'} a second`,
  rollout: afternoon,
  service: { requestsPerSecond, out: { errorRate: 0.01 }, in: { errorRate: 0.03 } },
  runs,
  hours: 168,
}));

/** Few units, some of which always fail, one stage: the hardest that was found. Nothing is wrong. */
export const hardest: readonly Scenario[] = [
  { units: 50, failing: 0.1, percentage: 50, tail: 1.1 },
  { units: 50, failing: 0.02, percentage: 50, tail: 1.1 },
  { units: 1000, failing: 0.02, percentage: 90, tail: 1.1 },
  { units: 3000, failing: 0.01, percentage: 90, tail: 10 },
].map(({ units, failing, percentage, tail }) => ({
  name: `${units} units, ${percent(failing)} always fail, ${percentage} % in`,
  rollout: { stages: [{ percentage, hours: 24 }, { percentage: 100 }], checks: {} },
  service: { requestsPerSecond: 10, units, tail, out: { errorRate: 0.0001, failingUnits: failing } },
  runs,
}));
