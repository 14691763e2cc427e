/**
 * The lowest rate that `failures` out of `requests` leave possible, by the likelihood ratio: where twice the logarithm of
 * the ratio to the observed rate is `z` squared. Unlike "rate minus z standard errors" it never leaves 0–1, needs no
 * failure to make sense, and keeps its tail where failures are few and so far from normal.
 *
 * @param failures 0 to `requests`; both may be fractions, as numbers of effective requests are
 * @param z how many standard errors, 0 or more
 * @returns 0 where nothing is known
 */
export function lowerRate(failures: number, requests: number, z: number): number {
  if (!(failures > 0) || !(requests > 0)) return 0;
  const depth = (z * z) / 2;
  if (!(depth > 0)) return Math.min(failures / requests, 1);
  // Next to nothing of a failure: below every number there is.
  if (depth / failures > 700) return 0;
  const successes = requests - failures;
  if (!(successes > 0)) return Math.exp(-depth / requests);
  return Math.exp(solve(failures, successes, depth));
}

/** The highest rate that the counts leave possible; otherwise like {@link lowerRate}. 1 where nothing is known. */
export function upperRate(failures: number, requests: number, z: number): number {
  return 1 - lowerRate(requests - failures, requests, z);
}

/**
 * The logarithm of the rate below the observed one at which the likelihood has sunk by `depth`. The depth is a convex and
 * falling function of that logarithm, so Newton's steps from anywhere come from the left and never leave it again.
 */
function solve(failures: number, successes: number, depth: number): number {
  const requests = failures + successes;
  const observed = Math.log(failures / requests);
  const settled = failures * observed + successes * Math.log(successes / requests);
  let log = Math.min(Math.log(firstGuess(failures, requests, depth)), observed - 1e-9);
  for (let step = 0; step < 50; step += 1) {
    const rate = Math.exp(log);
    const sunk = settled - failures * log - successes * Math.log1p(-rate);
    const slope = (successes * rate) / (1 - rate) - failures;
    const next = Math.min(log - (sunk - depth) / slope, observed - 1e-12);
    if (Math.abs(next - log) < 1e-11) return next;
    log = next;
  }
  return log;
}

/** The score interval's lower end, which is near. */
function firstGuess(failures: number, requests: number, depth: number): number {
  const rate = failures / requests;
  const spread = Math.sqrt(2 * depth * (rate * (1 - rate) + depth / (2 * requests)) * requests);
  return Math.max((failures + depth - spread) / (requests + 2 * depth), Number.MIN_VALUE);
}
