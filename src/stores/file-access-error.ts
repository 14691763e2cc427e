import { showError } from '../flags/show-value.js';

/** A file could not be read or written. The message names the file and the cause in plain words. */
export class FileAccessError extends Error {
  override readonly name = 'FileAccessError';
  readonly path: string;
  /** The system's code, such as `ENOENT`, or `TOO_LARGE`, `NOT_UTF8`, `NOT_A_FILE`. */
  readonly code: string;

  constructor(path: string, code: string, message: string, options?: ErrorOptions) {
    super(`${path}: ${message}`, options);
    this.path = path;
    this.code = code;
  }
}

/** Wraps what `node:fs` threw. */
export function readFailure(path: string, error: unknown): FileAccessError {
  return wrap(path, error, 'cannot be read');
}

/** Wraps what `node:fs` threw. */
export function writeFailure(path: string, error: unknown): FileAccessError {
  return wrap(path, error, 'cannot be written');
}

/** The code of a system error; the empty string for anything else. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

const causes: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'not found'],
  ['ENOTDIR', 'not found, because a part of the path is a file and no folder'],
  // Of a folder that is to be made.
  ['EEXIST', 'a part of the path is a file and no folder'],
  ['EISDIR', 'a directory, not a file'],
  ['EACCES', 'no permission'],
  ['EPERM', 'no permission'],
  ['EROFS', 'the file system is read-only'],
  ['ENOSPC', 'no space left on the device'],
  ['EDQUOT', 'the disk quota is used up'],
  ['ELOOP', 'too many symbolic links'],
  ['EMFILE', 'too many open files'],
  ['EIO', 'the device failed'],
]);

function wrap(path: string, error: unknown, what: string): FileAccessError {
  if (error instanceof FileAccessError) return error;
  const code = systemCode(error);
  const cause = causes.get(code) ?? showError(error);
  const message = code === 'ENOENT' && what === 'cannot be read' ? cause : `${what}: ${cause}`;
  return new FileAccessError(path, code, message, { cause: error });
}
