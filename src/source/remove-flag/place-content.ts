import { placeOf, type SyntaxNode } from '../syntax.js';
import { indentOfLine, lineEndOf, startsLine } from './indentation.js';
import { removeStatement } from './remove-statement.js';
import type { RemovalWork } from './removal-work.js';

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Puts a part of a statement, from the first of its lines or comments to the last, in the place of the statement. */
export function placeContent(node: SyntaxNode, content: Range, work: RemovalWork): void {
  const { tree, draft } = work;
  const { text } = tree;
  const inner = trimmed(text, content);
  if (inner.start >= inner.end) {
    removeStatement(node, work);
    return;
  }
  const whole = placeOf(node);
  draft.remove(whole.start, inner.start);
  draft.remove(inner.end, whole.end);
  if (isJoinedBefore(text, whole.start, inner.start)) draft.replace(whole.start, whole.start, ';');
  if (isJoinedAfter(text, inner.end, whole.end)) draft.replace(inner.end, inner.end, ';');
  if (isCutByComment(text, inner, whole)) draft.replace(inner.end, inner.end, '\n');
  draft.outdent(inner.start, inner.end, indentOfContent(text, inner) - indentOfLine(text, whole.start));
}

/** How far the lines of a content are indented; a comment behind its brace stands before them. */
function indentOfContent(text: string, { start, end }: Range): number {
  if (startsLine(text, start)) return indentOfLine(text, start);
  if (!isComment.test(text.slice(start, end))) return 0;
  const next = /\n(?=[ \t]*\S)/.exec(text.slice(start, end));
  return next === null ? indentOfLine(text, start) : indentOfLine(text, start + next.index + 1);
}

function trimmed(text: string, { start, end }: Range): Range {
  const inner = text.slice(start, end);
  return { start: start + inner.length - inner.trimStart().length, end: end - inner.length + inner.trimEnd().length };
}

/** Where no semicolons are written, a line that starts so goes on with the one before. */
const goesOn = /^[([`+\-/*.,]/;
const isComment = /^\/[/*]/;

/** Whether what would now stand after a statement without a semicolon would go on with it. */
function isJoinedBefore(text: string, at: number, start: number): boolean {
  const next = text.slice(start, start + 2);
  return goesOn.test(next) && !isComment.test(next) && isOpenAt(text, at);
}

function isJoinedAfter(text: string, end: number, wholeEnd: number): boolean {
  const rest = text.slice(wholeEnd);
  const next = rest.trimStart();
  const isSameLine = !rest.slice(0, rest.length - next.length).includes('\n') && /^[^\s}]/.test(next);
  return ((goesOn.test(next) && !isComment.test(next)) || (isSameLine && !isComment.test(next))) && isOpenAt(text, end);
}

/** Whether the last statement before an offset has no end of its own. */
export function isOpenAt(text: string, offset: number): boolean {
  const before = withoutComment(text.slice(Math.max(0, offset - FAR), offset)).trimEnd();
  return before !== '' && !/[;{}:]$/.test(before);
}

const FAR = 2000;

/** Takes comments off the end. */
function withoutComment(text: string): string {
  const shorter = text.trimEnd().replace(/\/\*(?:(?!\*\/)[\s\S])*\*\/$|(?<=^|\n)[ \t]*\/\/[^\n]*$/, '');
  return shorter === text.trimEnd() ? shorter : withoutComment(shorter);
}

/** Whether the content ends with a comment that would take in what follows on the line. */
function isCutByComment(text: string, inner: Range, whole: Range): boolean {
  const lastLine = text.slice(inner.start, inner.end).split('\n').at(-1) ?? '';
  return lastLine.includes('//') && text.slice(whole.end, lineEndOf(text, whole.end)).trim() !== '';
}
