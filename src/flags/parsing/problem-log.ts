import type { Problem } from '../problem.js';

/** A place in a document, linked to the one around it: a path costs nothing until a problem is reported there. */
export interface Place {
  readonly around: Place | undefined;
  readonly step: string | number;
}

/** The problems of one run over a document. */
export class ProblemLog {
  readonly problems: Problem[] = [];
  #errorCount = 0;

  /** How many errors there were so far. */
  get errorCount(): number {
    return this.#errorCount;
  }

  /** `steps` lead on from the place. */
  error(place: Place | undefined, message: string, ...steps: readonly (string | number)[]): void {
    this.#errorCount++;
    this.problems.push({ severity: 'error', path: [...pathOf(place), ...steps], message });
  }

  /** `steps` lead on from the place. */
  warn(place: Place | undefined, message: string, ...steps: readonly (string | number)[]): void {
    this.problems.push({ severity: 'warning', path: [...pathOf(place), ...steps], message });
  }
}

/** The steps from the document's root to the place. */
export function pathOf(place: Place | undefined): (string | number)[] {
  const path: (string | number)[] = [];
  for (let at = place; at !== undefined; at = at.around) path.push(at.step);
  return path.reverse();
}
