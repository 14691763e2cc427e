import { stringify } from 'yaml';

/** A value of a document on one line and whole, as YAML: `25`, `[a, b]`, `{ percentage: 50 }`. */
export function inlineValue(value: unknown): string {
  if (value === undefined) return '(not set)';
  const written = stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trimEnd();
  return written.replace(/^\[ (.*) \]$/s, '[$1]');
}
