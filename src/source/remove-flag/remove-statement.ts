import { nodeOf, nodesOf, placeOf, type SyntaxNode } from '../syntax.js';
import { lineEndOf, lineStartOf, startsLine } from './indentation.js';
import type { RemovalWork } from './removal-work.js';

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Removes a statement or a member of a class, wherever it stands. */
export function removeStatement(node: SyntaxNode, work: RemovalWork): void {
  const { tree, draft } = work;
  const parent = tree.parentOf(node);
  const { start, end } = placeOf(node);
  const consequent = nodeOf(parent, 'consequent');
  if (parent?.type === 'IfStatement' && nodeOf(parent, 'alternate') === node && consequent !== undefined) {
    draft.remove(placeOf(consequent).end, end);
  } else if (parent !== undefined && isInList(node, parent)) {
    removeLines(withAttachedComments(statementPlace(node, tree.text), node, work), work);
  } else {
    // The body of a loop, or of an `if` that stays.
    draft.remove(start, end);
    draft.replace(end, end, '{}');
  }
}

/** Whether a statement is one of several, so that it can go, or become many. */
export function isInList(node: SyntaxNode, parent: SyntaxNode): boolean {
  return ['body', 'consequent', 'cases'].some((field) => nodesOf(parent, field).includes(node));
}

/** Where a statement ends that needs no semicolon: one on the next line belongs to what follows. */
export function statementPlace(node: SyntaxNode, text: string): Range {
  const { start, end } = placeOf(node);
  const [semicolon] = /\s*\n\s*;$/.exec(text.slice(start, end)) ?? [''];
  return { start, end: end - semicolon.length };
}

/** Removes a range; if nothing else stands on its lines, these go whole. */
export function removeLines({ start, end }: Range, { tree: { text }, draft }: RemovalWork): void {
  const lineEnd = lineEndOf(text, end);
  const rest = text.slice(end, lineEnd);
  const isAlone = startsLine(text, start) && /^\s*(?:\/\/.*|\/\*(?:(?!\*\/).)*\*\/\s*)?$/.test(rest.trimEnd());
  if (isAlone) draft.remove(lineStartOf(text, start), lineEnd);
  else {
    const spaces = /^[ \t]*/.exec(rest)?.[0].length ?? 0;
    draft.remove(start, rest.trim() === '' ? end : end + spaces);
  }
}

/** What is said of a statement directly above it: that goes with it, unless what follows may be meant, too. */
function withAttachedComments(range: Range, node: SyntaxNode, { tree: { text } }: RemovalWork): Range {
  const isImport = node.type.startsWith('Import');
  if (isImport || !startsLine(text, range.start)) return range;
  const before = text.slice(0, lineStartOf(text, range.start));
  const [directive] = ofNextLine.exec(before) ?? [''];
  if (directive !== '') return { start: before.length - directive.trimStart().length, end: range.end };
  const [comment] = attached.exec(before) ?? [''];
  if (comment === '' || /^\s*(?:\/\*!|\/\/\/|#!)|eslint|@ts-|prettier|istanbul|copyright|licen[cs]e/i.test(comment)) {
    return range;
  }
  const isDocumentation = comment.trimStart().startsWith('/**');
  const after = text.slice(lineEndOf(text, range.end));
  const isFollowed = !/^\s*(?:\n|$|[}\])]|case\b|default\b)/.test(after);
  const isStatement = node.type.endsWith('Statement') || node.type === 'VariableDeclaration';
  if (isStatement && !isDocumentation && isFollowed) return range;
  return { start: before.length - comment.trimStart().length, end: range.end };
}

/** What tools are told about the next line alone, with the rest of that comment if it stands before. */
const ofNextLine =
  /(?<=^|\n)[ \t]*(?:\/\/|\/\*)[^\n]*(?:eslint-disable-next-line|@ts-(?:expect-error|ignore)|prettier-ignore|(?:istanbul|v8|c8) ignore (?:next|if|else))[^\n]*\n$/;

/** Comments at the end of a text, with no blank line after them. */
const attached = /(?:(?<=^|\n)[ \t]*\/\/[^\n]*\n)+$|(?<=^|\n)[ \t]*\/\*(?:(?!\*\/)[\s\S])*\*\/[ \t]*\r?\n$/;
