import { inFleetOrder } from './fleet-order.js';
import {
  type FleetInstance,
  type FleetRegister,
  type FlagTimes,
  type InstanceReport,
  MOST_USED,
  USAGE_LIFE_MS,
} from './fleet-register.js';

/** The Halyards of one process that share a store. */
export class MemoryFleet implements FleetRegister {
  readonly #entries = new Map<string, { readonly instance: FleetInstance; readonly until: number }>();
  /** When flags were last evaluated. */
  readonly #usage = new Map<string, number>();

  report(report: InstanceReport, ttlMs: number): Promise<void> {
    const now = Date.now();
    // Also where nobody ever asks, it doesn't grow.
    this.#forgetUntil(now);
    this.#entries.set(report.id, { instance: Object.freeze({ ...report, lastContact: now }), until: now + ttlMs });
    return Promise.resolve();
  }

  remove(id: string): Promise<void> {
    this.#entries.delete(id);
    return Promise.resolve();
  }

  list(): Promise<readonly FleetInstance[]> {
    this.#forgetUntil(Date.now());
    return Promise.resolve(inFleetOrder(Array.from(this.#entries.values(), ({ instance }) => instance)));
  }

  noteUsage(lastEvaluated: FlagTimes): Promise<void> {
    const now = Date.now();
    for (const [key, at] of lastEvaluated) {
      this.#usage.set(key, Math.max(Math.min(at, now), this.#usage.get(key) ?? -Infinity));
    }
    this.#forgetUnused(now);
    return Promise.resolve();
  }

  usage(): Promise<FlagTimes> {
    return Promise.resolve(new Map(this.#usage));
  }

  #forgetUnused(now: number): void {
    for (const [key, at] of this.#usage) if (at <= now - USAGE_LIFE_MS) this.#usage.delete(key);
    if (this.#usage.size <= MOST_USED) return;
    const byTime = Array.from(this.#usage).toSorted(([, a], [, b]) => b - a);
    for (const [key] of byTime.slice(MOST_USED)) this.#usage.delete(key);
  }

  #forgetUntil(now: number): void {
    for (const [id, { until }] of this.#entries) if (until <= now) this.#entries.delete(id);
  }
}
