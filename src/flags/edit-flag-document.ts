import { type DocumentChange, documentChanges } from './editing/document-changes.js';
import { editJsonText } from './editing/edit-json-text.js';
import { editYamlText } from './editing/edit-yaml-text.js';
import type { FlagDocument } from './flag-document.js';
import { type SourceText, readFlagDocumentText } from './flag-document-text.js';
import { FlagDocumentError } from './problem.js';
import { spellOut } from './editing/spell-out-yaml.js';
import { renderBlock } from './editing/yaml-rendering.js';

/**
 * Applies a change of the document to the texts that it was read from. Comments, order, quoting and blank lines of
 * everything unchanged survive; JSON stays JSON.
 *
 * Of several texts, a flag's key is changed in the last one that has it, else in the last one that has the flag; a new
 * flag goes into the first. What is deleted is deleted from all.
 *
 * @param change gets the document as it is; returns it as it should be. The result is not validated here.
 * @throws FlagDocumentError if the texts can't be read.
 */
export function editFlagDocumentText(
  sources: readonly SourceText[],
  change: (document: FlagDocument) => FlagDocument,
): readonly SourceText[] {
  const before = read(sources);
  const after = change(before);
  if (documentChanges(before, after).length === 0) return sources;
  return sources.length > 1 ? editOverlays(sources, after) : sources.map((source) => editSource(source, before, after));
}

/**
 * In several rounds: what an overlay hides, such as a rollout behind its `serve`, shows when the overlay says it no more,
 * and has to be removed too.
 */
function editOverlays(sources: readonly SourceText[], after: unknown, rounds = 3): readonly SourceText[] {
  const changes = documentChanges(read(sources), after);
  if (changes.length === 0) return sources;
  if (rounds === 0) throw unwritable(sources.map(({ name }) => name).join(', '));
  const parts = sources.map((source) => read([source]));
  const edited = sources.map((source, index) => {
    const part = parts[index];
    return editSource(
      source,
      part,
      applyChanges(part, changes, (path) => placeOf(parts, path) === index),
    );
  });
  return editOverlays(edited, after, rounds - 1);
}

function unwritable(name: string): Error {
  return new Error(`${name}: this change can't be written into the text. Make it by hand.`);
}

/** Whoever holds the texts has judged their size. */
const unlimited = { maxBytes: Infinity };

interface Tree {
  readonly [name: string]: unknown;
}

/** A source's own part of the document as it should be. */
function applyChanges(
  part: unknown,
  changes: readonly DocumentChange[],
  isPlace: (path: readonly string[]) => boolean,
): unknown {
  return changes.reduce((tree, { path, after }) => {
    if (after === undefined) return without(tree, path);
    return isPlace(path) ? withValue(tree, path, after) : tree;
  }, part);
}

function read(sources: readonly SourceText[]): FlagDocument {
  const { document, problems } = readFlagDocumentText(sources, unlimited);
  if (!isTree(document)) throw new FlagDocumentError(problems);
  return document as unknown as FlagDocument;
}

/** Which source is to say what stands at `path`. */
function placeOf(parts: readonly unknown[], path: readonly string[]): number {
  const lastWith = (steps: readonly string[]): number => parts.findLastIndex((part) => has(part, steps));
  const place = lastWith(path);
  return place === -1 && path.length === 3 ? Math.max(0, lastWith(path.slice(0, 2))) : Math.max(0, place);
}

function editSource(source: SourceText, before: unknown, target: unknown): SourceText {
  if (documentChanges(before, target).length === 0) return source;
  const mark = source.text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const text = source.text.slice(mark.length);
  for (const edit of [editJsonText, editYamlText, editPlainYaml, writeAnew]) {
    const edited = edit(text, target);
    if (edited !== undefined && says(edited, target)) return { ...source, text: mark + edited };
  }
  throw unwritable(source.name);
}

/** Anchors and braces that stand in the way are spelled out first; comments stay. */
function editPlainYaml(text: string, target: unknown): string | undefined {
  const plain = spellOut(text);
  return plain === undefined ? undefined : editYamlText(plain, target);
}

function writeAnew(_text: string, target: unknown): string {
  return `${renderBlock(target, { step: 2 }).join('\n')}\n`;
}

function says(text: string, target: unknown): boolean {
  const { document } = readFlagDocumentText([{ name: '', text }], unlimited);
  return document !== undefined && documentChanges(document, target).length === 0;
}

function has(tree: unknown, path: readonly string[]): boolean {
  const [name, ...rest] = path;
  return name === undefined || (isTree(tree) && Object.hasOwn(tree, name) && has(tree[name], rest));
}

function withValue(tree: unknown, [name, ...rest]: readonly string[], value: unknown): unknown {
  if (name === undefined) return value;
  const entries = isTree(tree) ? tree : {};
  const existing = Object.hasOwn(entries, name) ? entries[name] : undefined;
  return { ...entries, [name]: withValue(existing, rest, value) };
}

function without(tree: unknown, [name = '', ...rest]: readonly string[]): unknown {
  if (!isTree(tree) || !Object.hasOwn(tree, name)) return tree;
  if (rest.length > 0) return { ...tree, [name]: without(tree[name], rest) };
  return Object.fromEntries(Object.entries(tree).filter(([other]) => other !== name));
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
