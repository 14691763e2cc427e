import { isKey } from '../flags/names.js';

/** Stands for all keys that no flag has: whoever can choose a key must not be able to make a series of it. */
export const UNKNOWN_FLAG = '_unknown';

/** Stands for all flags above a metric's limit. */
export const OTHER_FLAG = '_other';

/** The label for a key that the flags know; `undefined`: a key that they don't know. */
export function flagKeyLabel(key: string | undefined): string {
  return key !== undefined && isKey(key) ? key : UNKNOWN_FLAG;
}
