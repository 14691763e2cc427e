import { endLease, expectCurrentLease, type KeptLease, takeLease } from './kept-lease.js';
import { expectLeaseRequest, type Lease, type LeaseRegister } from './lease-register.js';

/** The leases of one process, on a clock that nobody sets. */
export class MemoryLeases implements LeaseRegister {
  readonly #leases = new Map<string, KeptLease>();

  take(name: string, holder: string, forMs: number): Promise<Lease | undefined> {
    return new Promise((resolve) => {
      expectLeaseRequest(name, holder, forMs);
      const taken = takeLease(this.#leases.get(name), { holder, forMs, now: performance.now(), lowestFence: 1 });
      if (taken !== undefined) this.#leases.set(name, taken);
      resolve(taken && { name, holder, fence: taken.fence });
    });
  }

  release({ name, fence }: Lease): Promise<void> {
    const kept = this.#leases.get(name);
    if (kept?.fence === fence) this.#leases.set(name, endLease(kept));
    return Promise.resolve();
  }

  /** @throws LeaseLostError if it is no longer the one that counts. */
  expectCurrent(lease: Lease): void {
    expectCurrentLease(this.#leases.get(lease.name), lease);
  }
}
