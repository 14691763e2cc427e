/** Requests and failures of one group, by slices of its units: a unit's requests are all in one slice. */
export interface SlicedCounts {
  readonly requests: ArrayLike<number>;
  readonly failures: ArrayLike<number>;
}

/** Counts, and how far they can be trusted. */
export interface SlicedRate {
  readonly requests: number;
  readonly failures: number;
  /** `failures / requests`; 0 without requests. */
  readonly rate: number;
  /**
   * How many times larger the rate's variance is than if requests were independent: about 1 if they are, about 50 if each
   * unit makes 50 requests that all end alike. `undefined` where nothing varies.
   */
  readonly designEffect: number | undefined;
  /** Of the design effect: how many slices have requests, less one. */
  readonly degreesOfFreedom: number;
}

/**
 * A group's rate with its design effect, from leaving out one slice at a time (the delete-one-group jackknife). One unit
 * that makes a tenth of all requests moves it as it should: leaving it out changes the rate.
 */
export function slicedRate(counts: SlicedCounts): SlicedRate {
  const { requests, failures } = counts;
  let allRequests = 0;
  let allFailures = 0;
  let used = 0;
  for (let slice = 0; slice < requests.length; slice += 1) {
    const here = requests[slice] ?? 0;
    if (!(here > 0)) continue;
    used += 1;
    allRequests += here;
    allFailures += failures[slice] ?? 0;
  }
  const rate = allRequests > 0 ? allFailures / allRequests : 0;
  const independent = (rate * (1 - rate)) / allRequests;
  const isKnown = used > 1 && independent > 0;
  return {
    requests: allRequests,
    failures: allFailures,
    rate,
    designEffect: isKnown ? jackknife(counts, allRequests, allFailures, used) / independent : undefined,
    degreesOfFreedom: Math.max(used - 1, 0),
  };
}

/** The variance of the rate, about the rate itself. */
function jackknife(
  { requests, failures }: SlicedCounts,
  allRequests: number,
  allFailures: number,
  used: number,
): number {
  const rate = allFailures / allRequests;
  let squares = 0;
  for (let slice = 0; slice < requests.length; slice += 1) {
    const here = requests[slice] ?? 0;
    if (!(here > 0)) continue;
    const change = (allFailures - (failures[slice] ?? 0)) / (allRequests - here) - rate;
    squares += change * change;
  }
  return ((used - 1) / used) * squares;
}
