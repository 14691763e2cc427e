/**
 * The candidate that a misspelt word probably means: the one with the fewest single edits (a letter added, left out,
 * replaced, or two neighbours swapped), if these are few for the word's length. `undefined`: none is near.
 */
export function nearestWord(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > 128) return undefined;
  const wanted = word.toLowerCase();
  const limit = wanted.length < 4 ? 1 : wanted.length < 8 ? 2 : 3;
  let nearest: string | undefined;
  let least = Infinity;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - wanted.length) > limit) continue;
    const distance = editDistance(wanted, candidate.toLowerCase(), limit);
    if (distance > limit || distance >= Math.max(wanted.length, candidate.length)) continue;
    // Of two that are equally near, the one that was begun: `of` is `off` rather than `on`.
    const score = distance - (candidate.toLowerCase().startsWith(wanted) ? 0.5 : 0);
    if (score >= least) continue;
    nearest = candidate;
    least = score;
  }
  return nearest;
}

/** Optimal string alignment distance; anything above `limit` counts as `limit + 1`. https://en.wikipedia.org/wiki/Damerau–Levenshtein_distance */
function editDistance(a: string, b: string, limit: number): number {
  let before: readonly number[] = [];
  let above: readonly number[] = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let best = i;
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let distance = Math.min(at(above, j) + 1, at(row, j - 1) + 1, at(above, j - 1) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        distance = Math.min(distance, at(before, j - 2) + 1);
      }
      row.push(distance);
      best = Math.min(best, distance);
    }
    if (best > limit) return limit + 1;
    before = above;
    above = row;
  }
  return at(above, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}

/** ` Did you mean \`rollout\`?`, or `` if nothing is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const nearest = nearestWord(word, candidates);
  return nearest === undefined ? '' : ` Did you mean \`${nearest}\`?`;
}
