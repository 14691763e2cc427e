import assert from 'node:assert/strict';
import type { VersionConflictError } from '../stores/flag-store.js';

/**
 * What a promise rejects with.
 *
 * @param name the error's name. A class is not compared: the store may have it from another copy of the package.
 * @throws AssertionError if it doesn't reject, or with something else.
 */
export async function rejection(promise: Promise<unknown>, name?: string): Promise<Error> {
  const outcome = await promise.then(
    () => ({ isRejected: false as const }),
    (error: unknown) => ({ isRejected: true as const, error }),
  );
  if (!outcome.isRejected)
    assert.fail(`expected a rejection${name === undefined ? '' : ` with ${name}`}, and there was none`);
  const { error } = outcome;
  assert.ok(error instanceof Error, `expected a rejection with an Error, found ${String(error)}`);
  if (name !== undefined) assert.equal(error.name, name, `expected a rejection with ${name}, found ${String(error)}`);
  return error;
}

/** The conflict that a promise rejects with. */
export async function versionConflict(
  promise: Promise<unknown>,
): Promise<Pick<VersionConflictError, 'expected' | 'found' | 'stored'>> {
  const error = await rejection(promise, 'VersionConflictError');
  const hint = 'A VersionConflictError has `expected`, `found`, and what the store holds now in `stored`.';
  assert.ok('expected' in error && 'found' in error && 'stored' in error && error.stored !== undefined, hint);
  return error as VersionConflictError;
}
