/** A breaker that opened by itself. */
export interface Trip {
  /** When it lets the first probe through, in milliseconds since the epoch; absent: when somebody restores the flag. */
  readonly openUntil?: number;
  /** The instance that measured it: `host:pid`. */
  readonly trippedBy: string;
  readonly evidence: TripEvidence;
}

/** What was measured, in numbers. */
export type TripEvidence = MeasuredCalls &
  (
    | {
        /** Too many of the window's requests failed. */
        readonly cause: 'errors';
        /** The share that failed, above 0, up to 1. */
        readonly share: number;
        /** The share that trips. */
        readonly limit: number;
        readonly windowMs: number;
      }
    | {
        /** Too many of the window's requests took longer than `slowMs`. */
        readonly cause: 'slow';
        /** The share that was slow, above 0, up to 1. */
        readonly share: number;
        /** The share that trips. */
        readonly limit: number;
        readonly windowMs: number;
        readonly slowMs: number;
      }
    /** It was open, and the request that was let through to try failed, or was slow. */
    | { readonly cause: 'probe' }
  );

/** How many requests, or calls, ended, and how. One can have failed and been slow. */
export interface MeasuredCalls {
  readonly requests: number;
  readonly failures: number;
  readonly slow: number;
}
