import { fieldOf, nodeOf, nodesOf, placeOf, type SyntaxNode } from '../syntax.js';
import { foldExpression } from './fold-expression.js';
import { type SwitchStep, switchStep } from './fold-switch.js';
import { canUnwrap, dropsNeededVar } from './name-clash.js';
import { placeContent } from './place-content.js';
import { isInList, removeLines, removeStatement } from './remove-statement.js';
import { type RemovalWork, removeElement } from './removal-work.js';
import { isPure } from './side-effects.js';
import { everyChildOf } from './syntax-tree.js';
import { removeUnreachable } from './unreachable.js';

/** Folds a node and everything in it that stays. */
export function foldNode(node: SyntaxNode, work: RemovalWork): void {
  if (!work.folding.isTouched(node)) return;
  switch (node.type) {
    case 'IfStatement':
      foldIf(node, work);
      return;
    case 'SwitchStatement':
      foldSwitch(node, work);
      return;
    case 'ExpressionStatement':
      foldExpressionStatement(node, work);
      return;
    case 'WhileStatement':
      foldWhile(node, work);
      return;
    case 'SpreadElement':
    case 'JSXSpreadAttribute':
      foldSpread(node, work);
      return;
    case 'Program':
    case 'BlockStatement':
    case 'StaticBlock':
    case 'SwitchCase':
      foldList(node, work);
      return;
    default:
      if (isExpression(node)) foldExpression(node, work, (each) => foldChildren(each, work));
      else foldChildren(node, work);
  }
}

function foldChildren(node: SyntaxNode, work: RemovalWork): void {
  const isShorthand = node.type === 'Property' && fieldOf(node, 'shorthand') === true;
  for (const child of everyChildOf(node)) {
    if (!(isShorthand && child === nodeOf(node, 'key'))) foldNode(child, work);
  }
}

const isExpression = (node: SyntaxNode): boolean =>
  (node.type.endsWith('Expression') && !node.type.startsWith('JSX')) || node.type === 'Identifier';

/** Statements one after another. What stands after one that now always leaves goes. */
function foldList(node: SyntaxNode, work: RemovalWork): void {
  const statements = node.type === 'SwitchCase' ? nodesOf(node, 'consequent') : nodesOf(node, 'body');
  const test = nodeOf(node, 'test');
  if (test !== undefined) foldNode(test, work);
  for (const [index, statement] of statements.entries()) {
    foldNode(statement, work);
    if (removeUnreachable(statement, statements.slice(index + 1), work)) break;
  }
}

function foldIf(node: SyntaxNode, work: RemovalWork): void {
  const test = nodeOf(node, 'test');
  const truth = test && work.folding.truthOf(test);
  const winner = truth === undefined ? undefined : nodeOf(node, truth ? 'consequent' : 'alternate');
  const loser = truth === undefined ? undefined : nodeOf(node, truth ? 'alternate' : 'consequent');
  const isVarNeeded = loser !== undefined && dropsNeededVar(loser, work);
  if (isVarNeeded) work.leave(node, 'The branch that is never taken declares a `var` that is used outside of it.');
  if (truth === undefined || isVarNeeded) foldChildren(node, work);
  else if (winner === undefined) removeStatement(node, work);
  else {
    keepBranch(node, winner, work);
    foldNode(winner, work);
  }
}

function keepBranch(node: SyntaxNode, winner: SyntaxNode, work: RemovalWork): void {
  const { tree, draft } = work;
  const parent = tree.parentOf(node);
  const place = placeOf(winner);
  const isUnwrapped = parent !== undefined && isInList(node, parent);
  if (isUnwrapped && winner.type === 'BlockStatement') {
    if (canUnwrap(winner, nodesOf(winner, 'body'), node, work)) {
      work.unwrapped.add(node);
      placeContent(node, { start: place.start + 1, end: place.end - 1 }, work);
      return;
    }
  } else if (isUnwrapped) {
    placeContent(node, place, work);
    return;
  } else if (nodesOf(winner, 'body').length === 0 && isEmptyBlock(winner, tree.text)) {
    removeStatement(node, work);
    return;
  }
  draft.remove(placeOf(node).start, place.start);
  draft.remove(place.end, placeOf(node).end);
}

function isEmptyBlock(node: SyntaxNode, text: string): boolean {
  const { start, end } = placeOf(node);
  return node.type === 'BlockStatement' && text.slice(start + 1, end - 1).trim() === '';
}

function foldSwitch(node: SyntaxNode, work: RemovalWork): void {
  const discriminant = nodeOf(node, 'discriminant');
  const value = discriminant && work.folding.constantOf(discriminant)?.value;
  const step = value === undefined ? undefined : switchStep(node, value, work);
  if (step?.type === 'remove') removeStatement(node, work);
  else if (step?.type === 'unwrap') {
    work.unwrapped.add(node);
    for (const label of step.labels) removeLines(label, work);
    placeContent(node, step.content, work);
    for (const statement of step.statements) foldNode(statement, work);
  } else {
    if (step !== undefined) narrowSwitch(node, step, work);
    foldChildren(node, work);
  }
}

/** TypeScript refuses to compare a value with cases that it can't be. */
function narrowSwitch(node: SyntaxNode, step: SwitchStep & { type: 'narrow' }, work: RemovalWork): void {
  for (const loser of step.losers) removeStatement(loser, work);
  for (const label of step.labels) removeLines(label, work);
  work.leave(node, 'Of this `switch`, what is left always runs: take it out, with what its `break` skips.');
}

/** A loop that never begins goes. */
function foldWhile(node: SyntaxNode, work: RemovalWork): void {
  const test = nodeOf(node, 'test');
  const isNever = test !== undefined && work.folding.isTouched(test) && work.folding.truthOf(test) === false;
  if (isNever && !dropsNeededVar(node, work)) removeStatement(node, work);
  else foldChildren(node, work);
}

/** `{ ...(isNew && { a: 1 }) }`: a spread that gives no member goes; `...false` is an error for TypeScript. */
function foldSpread(node: SyntaxNode, work: RemovalWork): void {
  const { folding, tree } = work;
  const argument = nodeOf(node, 'argument');
  const isOfObject = node.type === 'JSXSpreadAttribute' || tree.parentOf(node)?.type === 'ObjectExpression';
  const isKnown = (each: SyntaxNode): boolean => folding.answerAt(each) !== undefined;
  const isNothing = isOfObject && argument !== undefined && folding.truthOf(argument) === false;
  // What stands behind `false &&` never runs, whatever it would do.
  const isQuiet = isNothing && (folding.constantOf(argument) !== undefined || isPure(argument, isKnown));
  if (isQuiet) removeElement(node, work);
  else foldChildren(node, work);
}

/** `isNew && start();` as a statement of its own. */
function foldExpressionStatement(node: SyntaxNode, work: RemovalWork): void {
  const expression = nodeOf(node, 'expression');
  if (expression === undefined) return;
  const isDropped = expression.type !== 'Literal' && work.folding.constantOf(expression) !== undefined;
  if (isDropped) removeStatement(node, work);
  else foldChildren(node, work);
}
