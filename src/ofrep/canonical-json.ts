/** How deep a value may be nested to be written. */
export const DEEPEST = 32;

/**
 * JSON with the keys of objects in order, so that equal values, and no others, have equal texts. What JSON leaves out is
 * left out here; numbers that it lacks, as `1e400` is read, are written by their names.
 * @throws RangeError for a value that is nested deeper than 32 levels, or in itself
 */
export function canonicalJson(value: unknown, depth = 0): string | undefined {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (depth > DEEPEST) throw new RangeError(`A value is nested deeper than ${DEEPEST} levels.`);
  if (value instanceof Date) return `Date(${value.getTime()})`;
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item, depth + 1) ?? 'null').join(',')}]`;
  const members: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const text = canonicalJson((value as Readonly<Record<string, unknown>>)[key], depth + 1);
    if (text !== undefined) members.push(`${JSON.stringify(key)}:${text}`);
  }
  return `{${members.join(',')}}`;
}
