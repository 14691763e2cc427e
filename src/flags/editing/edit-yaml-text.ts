import { type Pair, type YAMLMap, isMap, isPair, isScalar, isSeq } from 'yaml';
import { isMergePair, parseYamlSource } from './parse-yaml-source.js';
import { sameJson } from '../same-json.js';
import { type TextPatch, applyPatches } from './text-patch.js';
import { type EntryPosition, isBlock, itemPositions, pairPosition } from './yaml-position.js';
import { type YamlStyle, indent, renderBlock, renderInline, renderItem, renderPair } from './yaml-rendering.js';

/**
 * Changes a YAML text where what it says is different from `after`, and leaves every other character as it is. Works on
 * mappings and lists that are written line by line; a collection in braces is written anew as a whole.
 *
 * @param text without a byte order mark.
 * @returns `undefined` if the text as a whole is written in a way that can't be edited so. Where anchors are shared, the
 * result may say something else than `after`: compare it.
 */
export function editYamlText(text: string, after: unknown): string | undefined {
  const document = parseYamlSource(text);
  const root = document.contents;
  if (document.errors.length > 0 || !isMap(root)) return undefined;
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const editor: Editor = { text, eol, style: { step: stepOf(text, root) } };
  const patches = editNode(editor, root, document.toJS(), after, 0);
  return patches === undefined ? undefined : applyPatches(text, patches);
}

interface Editor {
  readonly text: string;
  readonly eol: string;
  readonly style: YamlStyle;
}

type Patches = readonly TextPatch[];
type Named = Readonly<Record<string, unknown>>;

/** From this level on the order of keys counts: 0 is the document, 1 its flags, 2 a flag, 3 e.g. its variants. */
const orderedFrom = 3;

/** `undefined`: the node must be written anew as a whole. */
function editNode(editor: Editor, node: unknown, before: unknown, after: unknown, level: number): Patches | undefined {
  if (!isBlock(node)) return undefined;
  if (isSeq(node)) {
    if (!Array.isArray(before) || !Array.isArray(after) || after.length === 0) return undefined;
    const positions = itemPositions(editor.text, node);
    if (positions?.length !== before.length) return undefined;
    const entries = positions.map((position, index) => ({ position, node: node.items[index] }));
    return editList(editor, entries, before, after, level);
  }
  if (!isNamed(before) || !isNamed(after) || Object.keys(after).length === 0) return undefined;
  const entries = entriesOf(editor.text, node);
  if (entries === undefined || (level >= orderedFrom && isReordered(before, after))) return undefined;
  return editMap(editor, entries, before, after, level);
}

interface Entry {
  readonly position: EntryPosition;
  readonly node: unknown;
}

function entriesOf(text: string, map: YAMLMap): ReadonlyMap<string, Entry> | undefined {
  const entries = new Map<string, Entry>();
  for (const pair of map.items as readonly Pair[]) {
    const position = isPair(pair) && isScalar(pair.key) ? pairPosition(text, pair) : undefined;
    if (position === undefined) return undefined;
    // What it takes in shows in the values, and is changed by an entry beside it.
    if (isMergePair(pair)) continue;
    entries.set(nameOf(pair), { position, node: pair.value });
  }
  return entries;
}

/** What the key is in the object that the mapping becomes. */
function nameOf({ key }: Pair): string {
  const value: unknown = isScalar(key) ? key.value : undefined;
  return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? `${value}` : '';
}

function editMap(
  editor: Editor,
  entries: ReadonlyMap<string, Entry>,
  before: Named,
  after: Named,
  level: number,
): Patches | undefined {
  const changes: (Patches | undefined)[] = [];
  for (const [name, entry] of entries) {
    if (!Object.hasOwn(after, name)) changes.push(removeEntry(editor, entry));
    else if (!sameJson(before[name], after[name])) {
      changes.push(editPair(editor, entry, before[name], after[name], level + 1));
    }
  }
  if ([...entries.keys()].every((name) => !Object.hasOwn(after, name))) return undefined;
  let previous: string | undefined;
  for (const [name, value] of Object.entries(after)) {
    if (entries.has(name)) previous = name;
    else if (!sameJson(before[name], value)) changes.push(insertPair(editor, entries, previous, name, value, level));
  }
  return all(changes);
}

function editPair(editor: Editor, entry: Entry, before: unknown, after: unknown, level: number): Patches {
  const { position, node } = entry;
  const edited = editNode(editor, node, before, after, level);
  if (edited !== undefined) return edited;
  const { text, eol, style } = editor;
  const { colon, value, column } = position;
  const { end, tail } = extentOf(editor, entry);
  const inline = renderInline(after, isWrittenInline(node));
  const stays = value !== undefined && !isBlock(node) && !text.slice(colon, value).includes('\n');
  if (inline !== undefined && stays) return [{ start: value, end, text: inline + tail }];
  const lines = inline === undefined ? indent(renderBlock(after, style), column + style.step) : [` ${inline}`];
  return [{ start: colon, end, text: (inline === undefined ? eol : '') + lines.join(eol) + tail }];
}

function insertPair(
  editor: Editor,
  entries: ReadonlyMap<string, Entry>,
  previous: string | undefined,
  name: string,
  value: unknown,
  level: number,
): Patches | undefined {
  const positions = [...entries.values()].map(({ position }) => position);
  const before = previous === undefined ? undefined : entries.get(previous)?.position;
  const place = before ?? (level < orderedFrom ? positions.at(-1) : undefined);
  const column = positions[0]?.column ?? 0;
  const gap = level === 1 && isSpaced(editor.text, positions) ? [''] : [];
  const lines = [...gap, ...indent(renderPair(name, value, editor.style), column)];
  return place === undefined ? insertBefore(editor, positions[0], lines) : insertAfter(editor, place, lines);
}

function editList(
  editor: Editor,
  entries: readonly Entry[],
  before: readonly unknown[],
  after: readonly unknown[],
  level: number,
): Patches | undefined {
  const prefix = commonStart(before, after);
  const suffix = commonStart(before.slice(prefix).toReversed(), after.slice(prefix).toReversed());
  const shared = Math.min(before.length, after.length) - suffix;
  const changes: (Patches | undefined)[] = [];
  entries.slice(prefix, before.length - suffix).forEach((entry, offset) => {
    const index = prefix + offset;
    if (index < shared) changes.push(editItem(editor, entry, before[index], after[index], level + 1));
    else changes.push(removeEntry(editor, entry));
  });
  const previous = entries[shared - 1]?.position;
  for (const value of after.slice(shared, after.length - suffix)) {
    const lines = indent(renderItem(value, editor.style), entries[0]?.position.column ?? 0);
    changes.push(
      previous === undefined ? insertBefore(editor, entries[0]?.position, lines) : insertAfter(editor, previous, lines),
    );
  }
  return all(changes);
}

function editItem(editor: Editor, entry: Entry, before: unknown, after: unknown, level: number): Patches {
  const { position, node } = entry;
  const edited = editNode(editor, node, before, after, level);
  if (edited !== undefined) return edited;
  const { colon, column } = position;
  const { end, tail } = extentOf(editor, entry);
  const [first = '', ...rest] = renderItem(after, editor.style, isWrittenInline(node));
  return [{ start: colon - 1, end, text: [first, ...indent(rest, column)].join(editor.eol) + tail }];
}

/**
 * Where the value ends that is written anew, and what must follow the new one. The comment on a value's own line stays;
 * the one on a collection's last line goes with it. The text of a block scalar ends with its line.
 */
function extentOf({ text, eol }: Editor, { position, node }: Entry): { readonly end: number; readonly tail: string } {
  const end = isBlock(node) ? position.next : position.end;
  return { end, tail: end > position.colon && text[end - 1] === '\n' ? eol : '' };
}

/** With the comments right above it, and with one of the two blank lines that would be left. */
function removeEntry({ text }: Editor, { position }: Entry): Patches | undefined {
  if (!position.isAlone) return undefined;
  const { start, next } = position;
  const above = /(?:^|\n)\r?\n$/.exec(text.slice(Math.max(0, start - 3), start));
  const isLast = /^(?:\r?\n|$)/.test(text.slice(next, next + 2));
  const blank = above !== null && isLast ? (text[start - 2] === '\r' ? 2 : 1) : 0;
  return [{ start: start - blank, end: next, text: '' }];
}

function insertAfter({ text, eol }: Editor, { next }: EntryPosition, lines: readonly string[]): Patches {
  const isUnfinished = next === text.length && !text.endsWith('\n');
  const joined = lines.join(eol);
  return [{ start: next, end: next, text: isUnfinished ? eol + joined : joined + eol }];
}

function insertBefore(
  { eol }: Editor,
  first: EntryPosition | undefined,
  lines: readonly string[],
): Patches | undefined {
  if (first?.isAlone !== true) return undefined;
  return [{ start: first.line, end: first.line, text: lines.join(eol) + eol }];
}

function all(changes: readonly (Patches | undefined)[]): Patches | undefined {
  const patches: TextPatch[] = [];
  for (const change of changes) {
    if (change === undefined) return undefined;
    patches.push(...change);
  }
  return patches;
}

function commonStart(a: readonly unknown[], b: readonly unknown[]): number {
  let length = 0;
  while (length < a.length && length < b.length && sameJson(a[length], b[length])) length += 1;
  return length;
}

function isReordered(before: Named, after: Named): boolean {
  const kept = (names: Named, others: Named): string =>
    JSON.stringify(Object.keys(names).filter((name) => Object.hasOwn(others, name)));
  return kept(before, after) !== kept(after, before);
}

/** Whether the flags are told apart by blank lines. */
function isSpaced(text: string, positions: readonly EntryPosition[]): boolean {
  const second = positions[1];
  return second !== undefined && /\n\r?\n$/.test(text.slice(Math.max(0, second.start - 3), second.start));
}

/** A collection in braces or brackets stays in them. */
function isWrittenInline(node: unknown): boolean {
  return (isMap(node) || isSeq(node)) && node.flow === true && node.items.length > 0;
}

/** How far the text indents; 2 where it doesn't show. */
function stepOf(text: string, root: YAMLMap): number {
  for (const { value } of root.items as readonly Pair[]) {
    if (!isMap(value) || !isBlock(value)) continue;
    const first = value.items[0];
    const column = first === undefined ? undefined : pairPosition(text, first)?.column;
    if (column !== undefined && column > 0) return column;
  }
  return 2;
}

function isNamed(value: unknown): value is Named {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
