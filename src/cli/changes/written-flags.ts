import type { FlagDocument, WrittenFlag } from '../../flags/flag-document.js';
import { unknownFlag } from '../served-flags.js';

/** A flag as it is written. @throws CommandError with the nearest key, if there is no such flag */
export function writtenFlag({ flags }: FlagDocument, key: string, source: string): WrittenFlag {
  const flag = Object.hasOwn(flags, key) ? flags[key] : undefined;
  if (flag === undefined) throw unknownFlag(key, Object.keys(flags), source);
  return flag;
}

/** The document with a flag as `flag`, wherever it stood. */
export function withWrittenFlag(document: FlagDocument, key: string, flag: WrittenFlag): FlagDocument {
  return { ...document, flags: { ...document.flags, [key]: flag } };
}

export function withoutFlag(document: FlagDocument, key: string): FlagDocument {
  const { [key]: gone, ...flags } = document.flags;
  return { ...document, flags };
}
