import { appendFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import type { Runtime } from '../../runtime/runtime.js';

/** The environment's variable that names the folder where a run's tests write down what flags answered. */
export const REPORT_FOLDER = 'HALYARD_TEST_REPORT';

/** An answer that a flag gave in a test. */
export interface LoggedAnswer {
  readonly flagKey: string;
  /** Absent: the caller's default. */
  readonly variant?: string | undefined;
  /** All that the flag has, in its order. */
  readonly variants: readonly string[];
}

const ENDING = '.jsonl';

/**
 * Writes down each answer of a Halyard once, as a line. A process's thread has a file of its own in the folder, so tests may
 * run in any number of them; and a line is there when the read returns, so nobody has to close anything.
 */
export function logAnswers({ listeners, evaluator }: Runtime, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${process.pid}-${threadId}${ENDING}`);
  const known = new Set<string>();
  listeners.on('evaluation', ({ flagKey, variant }) => {
    const definition = evaluator.current.set.flags.get(flagKey)?.definition;
    if (definition === undefined) return;
    const answer: LoggedAnswer = { flagKey, variant, variants: [...definition.variants.keys()] };
    const line = `${JSON.stringify(answer)}\n`;
    if (known.has(line)) return;
    known.add(line);
    appendFileSync(file, line);
  });
}

/** What all tests wrote into a folder; nothing, if there is none. A line that a killed process cut off is left out. */
export function readAnswers(folder: string): readonly LoggedAnswer[] {
  const files = namesIn(folder).filter((name) => name.endsWith(ENDING));
  return files.flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n').flatMap(parseLine));
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function parseLine(line: string): readonly LoggedAnswer[] {
  try {
    // Only this package writes these files.
    return [JSON.parse(line) as LoggedAnswer];
  } catch {
    return [];
  }
}
