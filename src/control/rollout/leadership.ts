import type { Lease, LeaseRegister } from '../../stores/lease-register.js';
import type { ElapsedTime } from '../elapsed-time.js';

interface LeadershipParts {
  /** `undefined`: there is nobody to share with. */
  readonly leases: LeaseRegister | undefined;
  /** What the lease is called. */
  readonly name: string;
  readonly holder: string;
  readonly leaseMs: number;
  readonly elapsed: ElapsedTime;
}

/** Whether this process is the one that controls. */
export class Leadership {
  readonly #parts: LeadershipParts;
  #lease: Lease | undefined;
  #takenAt = -Infinity;
  /** The question that the store has not answered yet. */
  #asking: Promise<boolean> | undefined;

  constructor(parts: LeadershipParts) {
    this.#parts = parts;
  }

  /** What writes are made under; the store refuses them once it is another's. */
  get lease(): Lease | undefined {
    return this.#lease;
  }

  /** How often the lease is to be renewed, in milliseconds. */
  get renewMs(): number {
    return this.#parts.leaseMs / 3;
  }

  /** Becomes the leader, or stays it, unless another is. Rejects if the store can't be asked. */
  async take(): Promise<boolean> {
    const { leases, elapsed } = this.#parts;
    if (leases === undefined) return true;
    if (this.#lease !== undefined && elapsed() - this.#takenAt < this.renewMs / 2) return true;
    this.#asking ??= this.#ask(leases).finally(() => {
      this.#asking = undefined;
    });
    return await this.#asking;
  }

  /** Stays the leader for as long as something takes. What fails is noticed by the next `take`. Returns what ends it. */
  keepRenewing(): () => void {
    if (this.#parts.leases === undefined) return () => undefined;
    const timer = setInterval(() => void this.take().catch(() => undefined), this.renewMs).unref();
    return () => clearInterval(timer);
  }

  /** It is another's. */
  lose(): void {
    this.#lease = undefined;
  }

  /** Gives it up, so that the next needn't wait. */
  async release(): Promise<void> {
    // A renewal that is under way would take it again.
    await this.#asking?.catch(() => undefined);
    const lease = this.#lease;
    this.#lease = undefined;
    if (lease !== undefined) await this.#parts.leases?.release(lease);
  }

  async #ask(leases: LeaseRegister): Promise<boolean> {
    const { name, holder, leaseMs, elapsed } = this.#parts;
    const now = elapsed();
    this.#lease = await leases.take(name, holder, leaseMs);
    this.#takenAt = now;
    return this.#lease !== undefined;
  }
}
