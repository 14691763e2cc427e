import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { FlagDocument } from '../flags/flag-document.js';
import { locateProblems, readFlagDocumentText } from '../flags/flag-document-text.js';
import { emptyFlagState } from '../flags/flag-state.js';
import { parseFlagDocument } from '../flags/parse-flag-document.js';
import { FlagDocumentError } from '../flags/problem.js';
import { isListOfTexts, isObject, isText } from '../options/check-options.js';
import type { StoredFlags } from './flag-store.js';
import { memoryStore } from './memory-store.js';
import { readTextFile } from './text-file.js';

/** A flag document that comes with the application: itself, or the path or paths of its files, where later wins. */
export type Bootstrap = FlagDocument | string | readonly string[];

export const isBootstrap = (value: unknown): boolean =>
  isText(value) || isObject(value) || (isListOfTexts(value) && value.length > 0);

/** How large each file may be, in bytes. */
const MAX_BYTES = 10_000_000;

/**
 * Reads and checks the document that a service starts from while it can reach nothing else. Nothing is killed in it.
 *
 * @throws Error that says what is wrong with it, with FlagDocumentError or FileAccessError as its cause
 */
export async function readBootstrap(bootstrap: Bootstrap): Promise<StoredFlags> {
  try {
    if (typeof bootstrap === 'string') return await readFiles([bootstrap]);
    return isPaths(bootstrap) ? await readFiles(bootstrap) : await readObject(bootstrap);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`createHalyard: option \`bootstrap\`: the document can't be used.\n${message}`, { cause });
  }
}

async function readFiles(names: readonly string[]): Promise<StoredFlags> {
  const texts = await Promise.all(
    names.map(async (name) => ({ name, text: await readTextFile(resolve(name), MAX_BYTES) })),
  );
  const read = readFlagDocumentText(texts, { maxBytes: MAX_BYTES });
  const parsed = parseFlagDocument(read.document, { textProblems: read.problems });
  const problems = locateProblems(parsed.problems, read);
  if (problems.some(({ severity }) => severity === 'error')) throw new FlagDocumentError(problems);
  const version = versionOf(texts.map(({ text }) => text));
  return { document: read.document as FlagDocument, state: emptyFlagState, version };
}

async function readObject(document: FlagDocument): Promise<StoredFlags> {
  // A copy, which was checked, and which nobody can change.
  const copy = await memoryStore(document).load();
  return { document: copy.document, state: emptyFlagState, version: versionOf(document) };
}

/** The same on every instance that comes with the same document. */
function versionOf(content: FlagDocument | readonly string[]): string {
  return `bootstrap-${createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 12)}:0`;
}

function isPaths(bootstrap: FlagDocument | readonly string[]): bootstrap is readonly string[] {
  return Array.isArray(bootstrap);
}
