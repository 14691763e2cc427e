import type { HealthQuestion, HealthSource } from '../../../src/control/rollout/health/health-source.js';
import type {
  ArmObservations,
  QueryResult,
  RolloutObservations,
} from '../../../src/control/rollout/judge/observations.js';

/** How one arm does: requests a window, and which share of them fails. */
export interface ArmHealth {
  readonly requests: number;
  readonly errorRate?: number;
}

/** Health that a test says: every window since the stage began was alike. */
export class MadeUpHealth implements HealthSource {
  readonly name = 'made up';
  readonly asked: HealthQuestion[] = [];
  in: ArmHealth = { requests: 1_600 };
  out: ArmHealth = { requests: 1_600 };
  failure: string | undefined;
  queries: ReadonlyMap<string, QueryResult> = new Map();
  /** Runs while the question is asked. */
  meanwhile: () => unknown = () => undefined;

  async look(question: HealthQuestion): Promise<RolloutObservations> {
    this.asked.push(question);
    await this.meanwhile();
    const { since, now, windowMs } = question;
    const windows = Math.floor((now - since) / windowMs);
    const until = since + windows * windowMs;
    if (this.failure !== undefined) return { type: 'failed', until, error: this.failure };
    const arms = (count: number) => ({ in: armOf(this.in, count), out: armOf(this.out, count) });
    return { type: 'measured', from: since, until, stage: arms(windows), window: arms(1), queries: this.queries };
  }
}

function armOf({ requests, errorRate = 0 }: ArmHealth, windows: number): ArmObservations {
  const slice = Math.floor((requests * windows) / 16);
  const perSlice = (count: number): readonly number[] => Array.from({ length: 16 }, () => count);
  return { requests: perSlice(slice), failures: perSlice(Math.round(slice * errorRate)) };
}
