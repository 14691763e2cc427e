/** How a body can be packed (RFC 9110, section 8.4.1), the better first. */
export const CODINGS = ['br', 'gzip'] as const;

export type Coding = (typeof CODINGS)[number];

/** Longer than this, the header says nothing. */
const LONGEST_HEADER = 1_024;

/** The best coding that an `Accept-Encoding` header names; `undefined`: none. */
export function chooseCoding(header: string | undefined): Coding | undefined {
  if (header === undefined || header.length > LONGEST_HEADER) return undefined;
  const accepted = new Set(
    header
      .toLowerCase()
      .split(',')
      .map((item) => item.trim())
      .filter((item) => !/;\s*q\s*=\s*0(?:\.0*)?\s*$/.test(item))
      .map((item) => item.replace(/\s*;.*$/, '')),
  );
  return CODINGS.find((coding) => accepted.has(coding));
}
