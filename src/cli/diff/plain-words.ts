import { inlineValue } from '../output/inline-value.js';

/** The name of a variant as it is written; YAML 1.1 tools write booleans for `on` and `off`. */
export function variantName(written: unknown): string {
  if (written === true) return 'on';
  if (written === false) return 'off';
  return typeof written === 'string' ? written : written === null ? "the caller's default" : inlineValue(written);
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}
