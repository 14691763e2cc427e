import { isDuration, isLine, show } from '../options/check-options.js';

/** The right to do something that one process may do at a time. */
export interface Lease {
  /** What the right is to, e.g. `rollouts`. */
  readonly name: string;
  /** Who has it: a text that is another for each process. */
  readonly holder: string;
  /** Higher with every new holder. A change that has a lease is written only while nobody has a higher one. */
  readonly fence: number;
}

/** Where processes that share a store agree on who may do something. Times are those of the store's clock. */
export interface LeaseRegister {
  /**
   * Takes the lease if nobody has it, or renews it for its holder, with the same fence. It ends `forMs` from now; whoever
   * takes it then, be it the same holder, gets a higher fence.
   *
   * `undefined`: somebody else has it. Rejects if the store can't be asked, or can't be written.
   *
   * @param name at most 256 characters on one line, as `holder`
   * @param forMs in milliseconds, at most 24 days. Count it from before the call: the answer takes its time.
   */
  take(name: string, holder: string, forMs: number): Promise<Lease | undefined>;
  /** Gives it back, so that the next needn't wait for its end. One that is lost already is left alone. */
  release(lease: Lease): Promise<void>;
}

/** A write was refused because its lease has gone to somebody else. Nothing was written. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
  /** The one that is lost. */
  readonly lease: Lease;

  constructor(lease: Lease) {
    super(
      `The lease "${lease.name}" of ${lease.holder} (fence ${lease.fence}) is lost: somebody else has taken it since, ` +
        'or the store knows nothing of it any more. Nothing was written.',
    );
    this.lease = lease;
  }
}

/** @throws TypeError for what can't be meant. */
export function expectLeaseRequest(name: unknown, holder: unknown, forMs: unknown): void {
  for (const [what, text] of Object.entries({ name, holder })) {
    if (isShortLine(text)) continue;
    throw new TypeError(`take: \`${what}\`: expected a text of 1 to 256 characters on one line, found ${show(text)}.`);
  }
  if (isDuration(forMs)) return;
  const allowed = 'a number of milliseconds above 0, of at most 24 days';
  throw new TypeError(`take: \`forMs\`: expected ${allowed}, found ${show(forMs)}.`);
}

const isShortLine = isLine(256);
