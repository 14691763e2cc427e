/**
 * Whether two values are the same JSON. The order of an object's keys counts: in a flag it decides which variant gets
 * which part of the ring. A key that holds `undefined` is not there.
 */
export function sameJson(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
