import { type Pair, type YAMLMap, type YAMLSeq, isCollection, isMap, isNode, isPair, isSeq } from 'yaml';
import { lineStart, nextLine } from './text-patch.js';

/** Where an entry of a block mapping or list stands in its text. All numbers are offsets. */
export interface EntryPosition {
  /** The start of its first line, with the comments right above it. */
  readonly start: number;
  /** The start of the line on which its key or dash is. */
  readonly line: number;
  /** How far its key or dash is indented. */
  readonly column: number;
  /** Right after its colon or dash. */
  readonly colon: number;
  /** Whether only spaces stand before it on its line; the first key behind a dash is not alone. */
  readonly isAlone: boolean;
  /** Where the value starts, with its anchor and tag; `undefined` if the value is empty. */
  readonly value: number | undefined;
  /** Where the value ends, or the colon if it is empty. */
  readonly end: number;
  /** The start of the line after it. */
  readonly next: number;
}

/** `undefined`: it is written in a way that can't be edited in place, such as `? key`. */
export function pairPosition(text: string, pair: Pair): EntryPosition | undefined {
  const token = pair.srcToken;
  if (token === undefined || !isNode(pair.key) || !pair.key.range) return undefined;
  const colon = token.sep?.find(({ type }) => type === 'map-value-ind');
  if (colon === undefined || token.start.some(({ type }) => type === 'explicit-key-ind')) return undefined;
  const properties = token.sep?.find(({ type }) => type === 'anchor' || type === 'tag');
  const keyStart = token.start.find(({ type }) => type === 'anchor' || type === 'tag')?.offset ?? pair.key.range[0];
  return entryPosition(text, keyStart, colon.offset + 1, pair.value, properties?.offset);
}

/** The positions of a list's items; `undefined` as for {@link pairPosition}. */
export function itemPositions(text: string, list: YAMLSeq): readonly EntryPosition[] | undefined {
  if (list.srcToken?.type !== 'block-seq') return undefined;
  const dashes = list.srcToken.items.flatMap(({ start }) => {
    const dash = start.find(({ type }) => type === 'seq-item-ind');
    const properties = start.find(({ type }) => type === 'anchor' || type === 'tag');
    return dash === undefined ? [] : [{ dash: dash.offset, properties: properties?.offset }];
  });
  if (dashes.length !== list.items.length) return undefined;
  const positions = dashes.map(({ dash, properties }, index) =>
    entryPosition(text, dash, dash + 1, list.items[index], properties),
  );
  return positions.every((position) => position !== undefined) ? positions : undefined;
}

function entryPosition(
  text: string,
  first: number,
  colon: number,
  value: unknown,
  properties: number | undefined,
): EntryPosition | undefined {
  const line = lineStart(text, first);
  const isAlone = text.slice(line, first).trim() === '';
  const end = endOf(text, value);
  if (end === undefined && properties !== undefined) return undefined;
  return {
    start: isAlone ? commentsAbove(text, line, first - line) : line,
    line,
    column: first - line,
    isAlone,
    colon,
    value: end === undefined ? undefined : (properties ?? startOf(value)),
    end: end ?? colon,
    next: nextLine(text, end ?? colon),
  };
}

function startOf(value: unknown): number | undefined {
  return isNode(value) ? value.range?.[0] : undefined;
}

/** Where a value's last character is; a block collection's own range would count the comments after it. `undefined`: empty. */
function endOf(text: string, value: unknown): number | undefined {
  if (isBlock(value)) return isMap(value) ? endOfMap(text, value) : endOfList(text, value);
  if (!isNode(value) || !value.range || value.range[0] === value.range[1]) return undefined;
  return value.range[1];
}

/** Whether a value is a collection that is written on lines of its own. */
export function isBlock(value: unknown): value is YAMLMap | YAMLSeq {
  return isCollection(value) && (isMap(value) || isSeq(value)) && value.flow !== true && value.items.length > 0;
}

function endOfMap(text: string, map: YAMLMap): number | undefined {
  const last = map.items.at(-1);
  if (!isPair(last)) return undefined;
  const colon = last.srcToken?.sep?.find(({ type }) => type === 'map-value-ind');
  return endOf(text, last.value) ?? (colon === undefined ? endOf(text, last.key) : colon.offset + 1);
}

function endOfList(text: string, list: YAMLSeq): number | undefined {
  const dash = list.srcToken?.type === 'block-seq' ? lastDash(list.srcToken) : undefined;
  return endOf(text, list.items.at(-1)) ?? (dash === undefined ? undefined : dash + 1);
}

function lastDash(token: Extract<YAMLSeq['srcToken'], { type: 'block-seq' }>): number | undefined {
  return token.items.flatMap(({ start }) => start.filter(({ type }) => type === 'seq-item-ind')).at(-1)?.offset;
}

/** A comment belongs to the entry below it if it stands right above, as far to the right. */
function commentsAbove(text: string, line: number, column: number): number {
  let start = line;
  while (start > 0) {
    const above = lineStart(text, start - 1);
    const content = text.slice(above, start);
    if (content.search(/\S/) !== column || content[column] !== '#') break;
    start = above;
  }
  return start;
}
