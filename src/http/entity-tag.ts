/** One entity tag of a list, weak or strong (RFC 9110, section 8.8.3). */
const ENTITY_TAG = /(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*")/g;

/**
 * Whether an `If-None-Match` header names the current representation: by one of its tags, weak or strong, or by `*`.
 * @param current a strong entity tag, in its quotes
 */
export function matchesEntityTag(header: string | undefined, current: string): boolean {
  if (header === undefined) return false;
  if (header === current || header.trim() === '*') return true;
  for (const [, tag] of header.matchAll(ENTITY_TAG)) if (tag === current) return true;
  return false;
}
