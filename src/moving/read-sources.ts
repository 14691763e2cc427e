import { isObject, isText, show } from '../options/check-options.js';
import type { SourceText } from '../stores/flag-store.js';
import { readTextFile } from '../stores/text-file.js';
import { readValidTexts, type ValidTexts } from './read-valid-texts.js';

/** The path of a YAML or JSON file, or a text that lies in none. */
export type PushSource = string | SourceText;

/** Documents without errors. */
export interface ReadSources extends ValidTexts {
  readonly sources: readonly [SourceText, ...SourceText[]];
}

/**
 * Reads and checks what is to be pushed.
 *
 * @param maxBytes how large each may be
 * @throws FileAccessError if a file can't be read; FlagDocumentError with every error and its place; TypeError for what
 * is no source.
 */
export async function readSources(files: PushSource | readonly PushSource[], maxBytes: number): Promise<ReadSources> {
  const list: readonly unknown[] = Array.isArray(files) ? files : [files];
  if (!list.every(isSource)) {
    throw new TypeError(`pushDocument: expected paths of flag files, or texts { name, text }, found ${show(files)}.`);
  }
  const [first, ...others] = await Promise.all(list.map((source) => readSource(source, maxBytes)));
  if (first === undefined) throw new TypeError('pushDocument: expected at least one flag file, found an empty list.');
  const sources = [first, ...others] as const;
  return { sources, ...readValidTexts(sources, maxBytes) };
}

function isSource(value: unknown): value is PushSource {
  if (isText(value)) return true;
  if (!isObject(value)) return false;
  const { name, text } = value as Partial<SourceText>;
  return isText(name) && typeof text === 'string';
}

async function readSource(source: PushSource, maxBytes: number): Promise<SourceText> {
  return typeof source === 'string' ? { name: source, text: await readTextFile(source, maxBytes) } : source;
}
