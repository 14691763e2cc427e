/** How one check stands. */
export interface Verdict {
  /** What the document calls it; a query of the user's own is `queries.NAME`. */
  readonly check: string;
  /**
   * `fail`: the limit does not hold, and chance can't explain it. `inconclusive`: it can't be told yet. `error`: it could
   * not be measured.
   */
  readonly result: 'pass' | 'fail' | 'inconclusive' | 'error';
  /** As the document says it. */
  readonly limit: number;
  /** What was measured, in the limit's unit: a share, a difference of shares, milliseconds, requests. */
  readonly measured?: number | undefined;
  /** Chance explains nothing below this; only where what was measured is above the limit. */
  readonly atLeast?: number | undefined;
  /** Of the arm that is in, and of the other, where the check looks at rates. */
  readonly rates?: { readonly in: number; readonly out: number };
  /** How exactly a quantile is known: it is above the first and at most the second, in milliseconds. */
  readonly between?: readonly [above: number, atMost: number];
  /** Why it could not be measured. */
  readonly error?: string;
}

/** A verdict as a person reads it. */
export function describeVerdict(verdict: Verdict): string {
  const { check, result, error } = verdict;
  if (error !== undefined) return `${check}: could not be measured: ${error}`;
  const words = { pass: 'holds', fail: 'fails', inconclusive: 'cannot be told yet', error: 'could not be measured' };
  return `${check} ${words[result]}: ${numbersOf(verdict)}`;
}

function numbersOf({ check, limit, measured, atLeast, rates, between }: Verdict): string {
  const show = unitOf(check);
  const parts = [
    measured === undefined ? 'nothing measured' : `measured ${show(measured)}`,
    rates && `${percent(rates.in)} in and ${percent(rates.out)} out`,
    atLeast !== undefined && atLeast > limit && `at least ${show(atLeast)} beyond chance`,
    between && `between ${between[0]} and ${between[1]} ms by its bucket`,
    `limit ${show(limit)}`,
  ];
  return parts.filter((part) => typeof part === 'string').join(', ');
}

const percent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`;

function unitOf(check: string): (value: number) => string {
  if (check === 'maxErrorRate' || check === 'maxP99Increase') return percent;
  if (check === 'maxErrorRateIncrease') return (value) => `${Number((value * 100).toPrecision(3))} points`;
  if (check === 'maxP99Ms') return (value) => `${Number(value.toPrecision(4))} ms`;
  // What Prometheus counts are fractions, and a query may give any number.
  return check === 'minimumRequests' ? (value) => String(Math.floor(value)) : (value) => String(rounded(value));
}

const rounded = (value: number): number => (Number.isInteger(value) ? value : Number(value.toPrecision(6)));
