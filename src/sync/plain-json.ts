/** How deep a value may be nested. */
const DEEPEST = 200;

/** Whether JSON says exactly this value: YAML also has numbers that JSON lacks. */
export function isPlainJson(value: unknown, depth = 0): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return ['string', 'boolean', 'object'].includes(typeof value);
  if (depth > DEEPEST) return false;
  if (Array.isArray(value)) return value.every((item) => isPlainJson(item, depth + 1));
  const isPlain = [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null);
  return isPlain && Object.values(value).every((part) => isPlainJson(part, depth + 1));
}
