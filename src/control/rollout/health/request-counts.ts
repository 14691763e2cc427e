import { SLICES } from './slices.js';

/** What was counted of one arm since the process began. Only grows. */
export interface ArmCounts {
  /** By slices of units. */
  readonly requests: number[];
  readonly failures: number[];
  /** By buckets; the last is above all bounds. */
  readonly durations: number[];
}

export interface RequestCounts {
  readonly in: ArmCounts;
  readonly out: ArmCounts;
}

/** @param bounds how many upper bounds the durations' buckets have */
export function emptyCounts(bounds: number): RequestCounts {
  const zeros = (length: number): number[] => Array.from({ length }, () => 0);
  const arm = (): ArmCounts => ({ requests: zeros(SLICES), failures: zeros(SLICES), durations: zeros(bounds + 1) });
  return { in: arm(), out: arm() };
}

/** The counts as they are now. */
export function copyCounts(counts: RequestCounts): RequestCounts {
  const copy = ({ requests, failures, durations }: ArmCounts): ArmCounts => ({
    requests: [...requests],
    failures: [...failures],
    durations: [...durations],
  });
  return { in: copy(counts.in), out: copy(counts.out) };
}
