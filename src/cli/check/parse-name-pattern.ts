import { compilePattern } from '../../flags/pattern.js';
import { showError } from '../../flags/show-value.js';
import type { NamePattern } from './lint.js';

/** A pattern in RE2 syntax, which can't hang, for whole keys; or why it is none. */
export function parseNamePattern(source: string): NamePattern | string {
  try {
    // By itself first: what closes a group of its own would be a pattern between ours.
    compilePattern(source, false);
    return { source, test: compilePattern(`^(?:${source})$`, false) };
  } catch (caught) {
    return showError(caught);
  }
}
