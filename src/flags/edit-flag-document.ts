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
 * Of several texts only the last is changed: it is the one of this environment.
 *
 * @param change gets the document as it is; returns it as it should be. The result is not validated here.
 * @throws FlagDocumentError if the texts can't be read; Error if the last one can't say the change, because it would
 * have to take away what another one says.
 */
export function editFlagDocumentText(
  sources: readonly SourceText[],
  change: (document: FlagDocument) => FlagDocument,
): readonly SourceText[] {
  const before = read(sources);
  const after = change(before);
  if (documentChanges(before, after).length === 0) return sources;
  return editLast(sources, before, after);
}

/** The last text overrules the others, which may serve other environments too, and must go on saying what they say. */
function editLast(sources: readonly SourceText[], before: unknown, after: unknown): readonly SourceText[] {
  const others = sources.slice(0, -1);
  const edited = sources.slice(-1).map((last) => {
    const part = read([last]);
    return editSource(last, part, applyChanges(part, documentChanges(before, after)));
  });
  const [left] = documentChanges(read([...others, ...edited]), after);
  if (left === undefined) return [...others, ...edited];
  throw new Error(
    `${left.path.join('.')} is said in ${others.map(({ name }) => name).join(' or ')}. Only ${edited.map(({ name }) => name).join()} ` +
      'is changed, which can overrule the others but not take away what they say. Change it there, by hand.',
  );
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
function applyChanges(part: unknown, changes: readonly DocumentChange[]): unknown {
  return changes.reduce(
    (tree, { path, after }) => (after === undefined ? without(tree, path) : withValue(tree, path, after)),
    part,
  );
}

function read(sources: readonly SourceText[]): FlagDocument {
  const { document, problems } = readFlagDocumentText(sources, unlimited);
  if (!isTree(document)) throw new FlagDocumentError(problems);
  return document as unknown as FlagDocument;
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
