import { fieldOf, isWrapping, nodeOf, placeOf, type SyntaxNode } from '../syntax.js';
import { decides } from './constant-folding.js';
import { indentOfLastLine, indentOfLine } from './indentation.js';
import { beginning, keepExpression, withParentheses } from './keep-expression.js';
import type { RemovalWork } from './removal-work.js';
import { type AnswerValue, literalText } from './read-answer.js';
import { operatorOf } from './side-effects.js';
import { removeLines } from './remove-statement.js';
import type { SyntaxTree } from './syntax-tree.js';

/** What is to be done with an expression: nothing, become a value, or leave one part. */
type Step =
  | { readonly type: 'literal'; readonly value: AnswerValue }
  | { readonly type: 'keep'; readonly kept: SyntaxNode }
  | undefined;

/**
 * Folds an expression as far as it is certain. Whatever isn't folded is given to `foldBelow`.
 */
export function foldExpression(node: SyntaxNode, work: RemovalWork, foldBelow: (node: SyntaxNode) => void): void {
  const step = stepFor(node, work);
  if (step === undefined) {
    const fallback = work.folding.answerAt(node)?.fallback;
    if (fallback === undefined) foldBelow(node);
    else keepExpression(node, fallback, work);
  } else if (step.type === 'literal') replaceByValue(node, step.value, work);
  else {
    keepInPlace(node, step.kept, work);
    if (work.folding.isTouched(step.kept)) foldExpression(step.kept, work, foldBelow);
  }
}

function stepFor(node: SyntaxNode, { folding, tree }: RemovalWork): Step {
  const constant = folding.constantOf(node);
  if (constant !== undefined && isReplaced(node, constant.value, tree))
    return { type: 'literal', value: constant.value };
  const promise = folding.answerAt(node);
  if (promise?.isPromise === true && promise.value !== undefined) return { type: 'literal', value: promise.value };
  if (node.type === 'ConditionalExpression') return chosen(node, folding);
  if (node.type !== 'LogicalExpression') return undefined;
  const [left, right] = [nodeOf(node, 'left'), nodeOf(node, 'right')];
  if (left === undefined || right === undefined) return undefined;
  const operator = operatorOf(node);
  const leftValue = folding.constantOf(left)?.value;
  if (leftValue !== undefined) return { type: 'keep', kept: decides(operator, leftValue) ? left : right };
  if (operator === '??') return undefined;
  const isTruthAsked = asksOnlyForTruth(node, tree);
  const leftTruth = folding.truthOf(left);
  if (leftTruth !== undefined && (leftTruth === (operator === '&&') || isTruthAsked)) {
    return leftTruth === (operator === '&&') ? { type: 'keep', kept: right } : { type: 'literal', value: leftTruth };
  }
  // `x && true` is x, where x is true or false.
  const rightTruth = folding.truthOf(right);
  const isNeutral = rightTruth === (operator === '&&') && folding.constantOf(right) !== undefined;
  return isNeutral && (isTruthAsked || (folding.isBoolean(left) && folding.isBoolean(right)))
    ? { type: 'keep', kept: left }
    : undefined;
}

function chosen(node: SyntaxNode, folding: RemovalWork['folding']): Step {
  const test = nodeOf(node, 'test');
  const truth = test && folding.truthOf(test);
  const kept = truth === undefined ? undefined : nodeOf(node, truth ? 'consequent' : 'alternate');
  return kept && { type: 'keep', kept };
}

/** A name that stands for a text or a number says more than these; `x as Color` keeps its type. */
function isReplaced(node: SyntaxNode, value: AnswerValue, tree: SyntaxTree): boolean {
  if (node.type === 'Identifier') {
    return typeof value === 'boolean' && !takesOnlyNames.has(tree.parentOf(node)?.type ?? '');
  }
  return node.type === 'AwaitExpression' || node.type === 'TSNonNullExpression' || !isWrapping(node);
}

/** `export { isNew }`, `typeof isNew` as a type */
const takesOnlyNames: ReadonlySet<string> = new Set(['ExportSpecifier', 'TSTypeQuery']);

/** Whether only that counts whether a value counts as true. */
function asksOnlyForTruth(node: SyntaxNode, tree: RemovalWork['tree']): boolean {
  const parent = tree.parentOf(node);
  if (parent === undefined) return false;
  if (nodeOf(parent, 'test') === node) return parent.type !== 'SwitchCase';
  if (parent.type === 'UnaryExpression') return operatorOf(parent) === '!';
  if (parent.type === 'LogicalExpression' && operatorOf(parent) !== '??') return asksOnlyForTruth(parent, tree);
  return false;
}

function keepInPlace(node: SyntaxNode, kept: SyntaxNode, work: RemovalWork): void {
  const container = childContainer(node, work);
  const isElement = kept.type === 'JSXElement' || kept.type === 'JSXFragment';
  if (container !== undefined && isElement) keepElement(container, kept, work);
  else keepExpression(node, kept, work);
}

/** An element needs neither braces nor parentheses among others. */
function keepElement(container: SyntaxNode, kept: SyntaxNode, { tree, draft }: RemovalWork): void {
  const [outer, inner] = [placeOf(container), placeOf(kept)];
  draft.remove(outer.start, inner.start);
  draft.remove(inner.end, outer.end);
  const shift = indentOfLastLine(tree.text, inner.start, inner.end) - indentOfLine(tree.text, outer.start);
  draft.outdent(inner.start, inner.end, shift);
}

/** The braces around an expression that is a child of an element. */
function childContainer(node: SyntaxNode, { tree }: RemovalWork): SyntaxNode | undefined {
  const parent = tree.parentOf(node);
  if (parent?.type !== 'JSXExpressionContainer') return undefined;
  const element = tree.parentOf(parent);
  return element?.type === 'JSXElement' || element?.type === 'JSXFragment' ? parent : undefined;
}

function replaceByValue(node: SyntaxNode, value: AnswerValue, work: RemovalWork): void {
  const { tree, draft } = work;
  const container = childContainer(node, work);
  if (container !== undefined && (typeof value === 'boolean' || value === null)) {
    removeLines(placeOf(container), work);
    return;
  }
  const parent = tree.parentOf(node);
  const isShorthand = parent?.type === 'Property' && fieldOf(parent, 'shorthand') === true;
  const isPromise = work.folding.answerAt(node)?.isPromise === true;
  const written = literalText(value, work.quote);
  const text = isPromise ? `Promise.resolve(${written})` : inPlace(written, value, node, tree);
  const outer = withParentheses(node, tree);
  const isAlone = text === written && !tree.text.slice(outer.start, placeOf(node).start).includes('\n');
  const { start, end } = isAlone ? outer : placeOf(node);
  if (isShorthand) draft.replace(start, end, `${tree.text.slice(start, end)}: ${text}`);
  else draft.replace(start, end, text);
}

/** With parentheses where a value can't stand without. */
function inPlace(text: string, value: AnswerValue, node: SyntaxNode, tree: SyntaxTree): string {
  const parent = tree.parentOf(node);
  const isObject = text.startsWith('{');
  const isNegative = typeof value === 'number' && value < 0;
  const isReadOf = parent?.type === 'MemberExpression' && nodeOf(parent, 'object') === node;
  const isOperand = parent?.type === 'BinaryExpression' || parent?.type === 'UnaryExpression';
  const isWrapped =
    (isReadOf && typeof value !== 'string') ||
    (isOperand && isNegative) ||
    (isObject && beginning(node, tree) !== undefined);
  return isWrapped ? `(${text})` : text;
}
