import { literalOf, operatorOf } from './side-effects.js';
import { nodeOf, nodesOf, placeOf, type SyntaxNode } from '../syntax.js';
import { indentOfLine, indentOfLastLine } from './indentation.js';
import type { RemovalWork } from './removal-work.js';
import type { SyntaxTree } from './syntax-tree.js';

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Leaves of an expression only a part of it, in its place. */
export function keepExpression(node: SyntaxNode, kept: SyntaxNode, work: RemovalWork): void {
  const { tree, draft } = work;
  const whole = placeOf(node);
  const outer = withParentheses(node, tree);
  const inner = placeOf(kept);
  const own = withParentheses(kept, tree);
  const isOuterNeeded = needsParentheses(kept, node, tree) || isOverLines(tree.text, outer, whole);
  const isInParentheses = outer.start < whole.start;
  const from = isInParentheses && !isOuterNeeded ? outer : whole;
  const isOwnNeeded = !isInParentheses && (isOuterNeeded || isOverLines(tree.text, own, inner));
  const to = isOwnNeeded ? own : inner;
  draft.remove(from.start, to.start);
  draft.remove(to.end, from.end);
  if (isOwnNeeded && own.start === inner.start && needsParentheses(kept, node, tree)) {
    draft.replace(to.start, to.start, '(');
    draft.replace(to.end, to.end, ')');
  }
  const shift = indentOfLastLine(tree.text, to.start, to.end) - indentOfLine(tree.text, from.start);
  draft.outdent(to.start, to.end, shift);
}

/** The place of an expression with the parentheses around it, other than those of a call or an `if`. */
export function withParentheses(node: SyntaxNode, tree: SyntaxTree): Range {
  const { text } = tree;
  const ranges: Range[] = [placeOf(node)];
  for (;;) {
    const { start, end } = ranges.at(-1) ?? placeOf(node);
    const before = skipBack(text, start) - 1;
    const after = skipForward(text, end);
    if (text[before] !== '(' || text[after] !== ')') break;
    ranges.push({ start: before, end: after + 1 });
  }
  const most = ranges.length - 1 - (isInGivenParentheses(node, tree) ? 1 : 0);
  return ranges[Math.max(0, most)] ?? placeOf(node);
}

function skipBack(text: string, from: number): number {
  let at = from;
  while (at > 0 && /\s/.test(text[at - 1] ?? '')) at -= 1;
  return at;
}

function skipForward(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/.test(text[at] ?? '')) at += 1;
  return at;
}

/** Whether the grammar writes parentheses around an expression where it stands. */
function isInGivenParentheses(node: SyntaxNode, tree: SyntaxTree): boolean {
  const parent = tree.parentOf(node);
  const args = nodesOf(parent, 'arguments');
  if (args.length === 1 && args[0] === node) return true;
  if (parent?.type === 'ImportExpression') return true;
  return nodeOf(parent, 'test') === node || nodeOf(parent, 'discriminant') === node
    ? parent?.type !== 'ConditionalExpression' && parent?.type !== 'SwitchCase'
    : false;
}

const isOverLines = (text: string, outer: Range, inner: Range): boolean =>
  text.slice(outer.start, inner.start).includes('\n');

/** Whether an expression can't stand in another's place without parentheses. */
export function needsParentheses(kept: SyntaxNode, place: SyntaxNode, tree: SyntaxTree): boolean {
  const parent = tree.parentOf(place);
  if (parent === undefined) return false;
  const starts = tree.text.slice(placeOf(kept).start);
  const beginner = beginning(place, tree);
  if (beginner === 'statement' && /^(?:\{|function\b|class\b|async\s+function\b|let\s*\[)/.test(starts)) return true;
  if (beginner === 'body' && starts.startsWith('{')) return true;
  if (kept.type === 'LogicalExpression' && parent.type === 'LogicalExpression') {
    const isMixed = (operatorOf(kept) === '??') !== (operatorOf(parent) === '??');
    if (isMixed) return true;
  }
  const isNumber = typeof literalOf(kept) === 'number';
  if (isNumber && parent.type === 'MemberExpression' && nodeOf(parent, 'object') === place) return true;
  return precedenceOf(kept) < precedenceAt(place, parent);
}

/** Whether an expression comes first in a statement, or in an arrow function's body, where `{` begins a block. */
export function beginning(place: SyntaxNode, tree: SyntaxTree): 'statement' | 'body' | undefined {
  const { start } = withParentheses(place, tree);
  for (let at = place, up = tree.parentOf(place); up !== undefined; at = up, up = tree.parentOf(up)) {
    if (up.type === 'ExpressionStatement' || up.type === 'ExportDefaultDeclaration') {
      return withParentheses(at, tree).start === start ? 'statement' : undefined;
    }
    if (up.type === 'ArrowFunctionExpression' && nodeOf(up, 'body') === at) {
      return withParentheses(at, tree).start === start ? 'body' : undefined;
    }
    if (placeOf(up).start > start || withParentheses(at, tree).start !== start) return undefined;
  }
  return undefined;
}

const binary = 7;
const unary = 14;
const call = 17;
const primary = 18;

/** How tightly an expression holds together. */
function precedenceOf(node: SyntaxNode): number {
  switch (node.type) {
    case 'SequenceExpression':
      return 1;
    case 'ArrowFunctionExpression':
    case 'AssignmentExpression':
    case 'ConditionalExpression':
    case 'YieldExpression':
      return 2;
    case 'LogicalExpression':
      return operatorOf(node) === '&&' ? 5 : 4;
    case 'BinaryExpression':
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
      return binary;
    case 'AwaitExpression':
    case 'TSTypeAssertion':
    case 'UnaryExpression':
      return unary;
    case 'UpdateExpression':
      return unary + 1;
    case 'CallExpression':
    case 'ChainExpression':
    case 'ImportExpression':
    case 'MemberExpression':
    case 'NewExpression':
    case 'TaggedTemplateExpression':
    case 'TSNonNullExpression':
      return call;
    default:
      return primary;
  }
}

/** How tightly an expression must hold together where another stands. */
function precedenceAt(place: SyntaxNode, parent: SyntaxNode): number {
  const isAt = (field: string): boolean => nodeOf(parent, field) === place;
  switch (parent.type) {
    case 'ExpressionStatement':
      return 1;
    case 'ConditionalExpression':
      return isAt('test') ? 4 : 2;
    case 'LogicalExpression':
      return (operatorOf(parent) === '&&' ? 5 : 4) + (isAt('right') ? 1 : 0);
    case 'BinaryExpression':
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
      return unary;
    case 'AwaitExpression':
    case 'TSTypeAssertion':
    case 'UnaryExpression':
      return unary;
    case 'CallExpression':
    case 'NewExpression':
      return isAt('callee') ? primary : 2;
    case 'MemberExpression':
      return isAt('object') ? primary : 1;
    case 'TaggedTemplateExpression':
    case 'TSNonNullExpression':
    case 'ClassDeclaration':
    case 'ClassExpression':
      return primary;
    default:
      return 2;
  }
}
