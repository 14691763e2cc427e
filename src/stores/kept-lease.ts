import { type Lease, LeaseLostError } from './lease-register.js';

/** What a store keeps of a lease, also when it has ended: the fence must never go back. Times are on one clock. */
export interface KeptLease {
  readonly holder: string;
  readonly fence: number;
  /** When it was taken or renewed last, in milliseconds. */
  readonly from: number;
  /** When it ends. */
  readonly until: number;
}

export interface LeaseRequest {
  readonly holder: string;
  readonly forMs: number;
  readonly now: number;
  /** What a fence is at least. The time, where what is kept may be lost: then none is ever given twice. */
  readonly lowestFence: number;
}

/** What is to be kept after a request; `undefined`: somebody else has the lease. */
export function takeLease(
  kept: KeptLease | undefined,
  { holder, forMs, now, lowestFence }: LeaseRequest,
): KeptLease | undefined {
  const period = { holder, from: now, until: now + forMs };
  if (kept === undefined || !isHeld(kept, now)) {
    return { ...period, fence: Math.max((kept?.fence ?? 0) + 1, Math.floor(lowestFence)) };
  }
  return kept.holder === holder ? { ...period, fence: kept.fence } : undefined;
}

/** What is to be kept of one that is given back. */
export function endLease(kept: KeptLease): KeptLease {
  return { ...kept, until: kept.from };
}

/** @throws LeaseLostError if the lease is no longer the one that is kept. One that has merely ended still is. */
export function expectCurrentLease(kept: KeptLease | undefined, lease: Lease): void {
  if (kept?.fence !== lease.fence) throw new LeaseLostError(lease);
}

/**
 * A clock that was set back shows a time before the lease was taken. Nobody knows then how much of it is left, so it is
 * over: a holder that still lives takes another, and what it writes with this one is refused as soon as somebody else has.
 */
function isHeld({ from, until }: KeptLease, now: number): boolean {
  return from <= now && now < until;
}
