import { open, stat } from 'node:fs/promises';
import { FileAccessError, readFailure } from './file-access-error.js';

/**
 * Reads a UTF-8 text; a byte order mark stays in it.
 *
 * @param maxBytes a larger file is refused by its size, before it is read.
 * @throws FileAccessError not found, a directory, no permission, too large, not UTF-8.
 */
export async function readTextFile(path: string, maxBytes: number): Promise<string> {
  const bytes = await readBytes(path, maxBytes).catch((error: unknown) => {
    throw readFailure(path, error);
  });
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new FileAccessError(path, 'NOT_UTF8', 'is not UTF-8 text. Save it in the encoding UTF-8.', { cause });
  }
}

async function readBytes(path: string, maxBytes: number): Promise<Uint8Array> {
  // Before it is opened, because opening a pipe waits for whoever writes into it.
  const found = await stat(path);
  if (found.isDirectory()) throw new FileAccessError(path, 'EISDIR', 'is a directory, not a file');
  if (!found.isFile()) throw new FileAccessError(path, 'NOT_A_FILE', 'is a device, pipe or socket, not a file');
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (size > maxBytes) throw tooLarge(path, size, maxBytes);
    const bytes = await file.readFile();
    if (bytes.length > maxBytes) throw tooLarge(path, bytes.length, maxBytes);
    return bytes;
  } finally {
    await file.close();
  }
}

function tooLarge(path: string, size: number, maxBytes: number): FileAccessError {
  return new FileAccessError(
    path,
    'TOO_LARGE',
    `is too large: ${size} bytes, allowed are ${maxBytes}. Raise \`maxBytes\` if it is meant to be so large.`,
  );
}
