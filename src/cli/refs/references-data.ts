import type { Reference } from './scan-project.js';
import type { ShownReferences } from './references-text.js';

/** For programs: every read with its place, what is wrong, and what couldn't be read. */
export function referencesData({
  files,
  references,
  mentions,
  findings,
  broken,
  onlyFindings,
}: ShownReferences): object {
  return {
    files: files.length,
    ...(!onlyFindings && { reads: references.map(readData), mentions }),
    findings,
    broken,
  };
}

function readData({ key, kind, file, line, column, start, end, isCondition, isTest, inside }: Reference): object {
  return { key, kind, file, line, column, start, end, isCondition, isTest, inside };
}
