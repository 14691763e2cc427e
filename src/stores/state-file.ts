import { type FlagState, emptyFlagState } from '../flags/flag-state.js';
import { parseFlagState, serializeFlagState } from '../flags/flag-state-text.js';
import { formatProblem } from '../flags/problem.js';
import { FileAccessError, systemCode } from './file-access-error.js';
import { readTextFile } from './text-file.js';

/** What the state file holds. */
export interface StoredState {
  /** How many changes Halyard has written; 0 while there is no file. */
  readonly revision: number;
  readonly state: FlagState;
}

export const noStoredState: StoredState = { revision: 0, state: emptyFlagState };

/**
 * The text of the state file; `undefined` if there is none.
 *
 * @throws FileAccessError if it is there and can't be read.
 */
export async function readStateText(path: string, maxBytes: number): Promise<string | undefined> {
  try {
    return await readTextFile(path, maxBytes);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error))) return undefined;
    throw error;
  }
}

/**
 * @throws FileAccessError if the text is not a state. It is never read as "nothing is killed": what operations switched
 * off must not come back because of a typing error.
 */
export function parseStateText(path: string, text: string | undefined): StoredState {
  if (text === undefined) return noStoredState;
  const value = parseJson(path, text);
  const { state, problems } = parseFlagState(withoutRevision(value));
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw broken(path, errors.map(formatProblem).join('; '));
  return { revision: revisionOf(value), state };
}

export function formatStateText({ revision, state }: StoredState): string {
  return `${JSON.stringify({ revision, ...serializeFlagState(state) }, undefined, 2)}\n`;
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw broken(path, `is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
}

function broken(path: string, what: string, cause?: unknown): FileAccessError {
  return new FileAccessError(
    path,
    'BROKEN_STATE',
    `${what.replace(/\.$/, '')}. It says which flags are killed, so Halyard does not go on without it. Mend it; or delete it, and nothing is killed.`,
    { cause },
  );
}

/** The revision is the store's own; the rest is the state. */
function withoutRevision(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== 'revision'));
}

function revisionOf(value: unknown): number {
  const revision = typeof value === 'object' && value !== null && 'revision' in value ? value.revision : 0;
  return typeof revision === 'number' && Number.isSafeInteger(revision) && revision >= 0 ? revision : 0;
}
