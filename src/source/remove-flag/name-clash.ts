import { isFunction, nodeOf, nodesOf, placeOf, type SyntaxNode, textOf } from '../syntax.js';
import { identifiersIn } from './name-index.js';
import type { RemovalWork } from './removal-work.js';
import { everyChildOf, isWithin } from './syntax-tree.js';

/**
 * Whether statements can do without their block: whatever they declare has a name that nothing else around them has. What
 * the removal drops doesn't count.
 *
 * @param kept what stays of `node`
 */
export function canUnwrap(
  kept: SyntaxNode,
  statements: readonly SyntaxNode[],
  node: SyntaxNode,
  work: RemovalWork,
): boolean {
  const { tree, draft } = work;
  const names = new Set(statements.flatMap(declaredNames));
  if (names.size === 0) return true;
  const owner = newHome(node, work);
  if (owner === undefined) return false;
  const isTaken = (at: SyntaxNode): boolean => {
    if (isWithin(at, node)) return false;
    if (at.type === 'Identifier' || at.type === 'JSXIdentifier') {
      return names.has(textOf(at, 'name') ?? '') && !draft.isGone(placeOf(at));
    }
    return everyChildOf(at).some(isTaken);
  };
  // A parameter, or what was caught, is of the same scope.
  const around = tree.parentOf(owner);
  const outside = [...nodesOf(around, 'params'), ...[nodeOf(around, 'param') ?? []].flat()];
  return !isWithin(owner, kept) && !everyChildOf(owner).some(isTaken) && !outside.some(isTaken);
}

/** The block or `switch` that a statement's parts end up in, when those around it have lost their braces. */
function newHome(node: SyntaxNode, work: RemovalWork): SyntaxNode | undefined {
  const { tree, unwrapped } = work;
  const parent = tree.parentOf(node);
  const owner = parent?.type === 'SwitchCase' ? tree.parentOf(parent) : parent;
  if (owner === undefined) return undefined;
  const around = tree.parentOf(owner);
  const outer = around?.type === 'SwitchCase' ? tree.parentOf(around) : around;
  const lost = [owner, outer].find((each) => each !== undefined && unwrapped.has(each));
  return lost === undefined ? owner : newHome(lost, work);
}

/** What a statement declares for its block alone. */
function declaredNames(statement: SyntaxNode): readonly string[] {
  if (statement.type === 'VariableDeclaration') {
    if (textOf(statement, 'kind') === 'var') return [];
    const names = nodesOf(statement, 'declarations').flatMap((each) => identifiersIn(nodeOf(each, 'id')));
    return names.flatMap((each) => textOf(each, 'name') ?? []);
  }
  const isDeclaration = statement.type.endsWith('Declaration');
  return isDeclaration ? [textOf(nodeOf(statement, 'id'), 'name') ?? []].flat() : [];
}

/** Whether statements declare names that are used elsewhere: before they are there, or in functions that are called later. */
export function declareNeededNames(
  dropped: readonly SyntaxNode[],
  rest: readonly SyntaxNode[],
  { names, draft }: RemovalWork,
): boolean {
  const isIn = (node: SyntaxNode, list: readonly SyntaxNode[]): boolean => list.some((each) => isWithin(node, each));
  return names.all.some(
    ({ declaredBy, uses }) =>
      declaredBy.some((node) => isIn(node, dropped)) &&
      uses.some((use) => !isIn(use, rest) && !draft.isGone(placeOf(use))),
  );
}

/** Whether a branch declares a `var` that is used outside of it, and declared nowhere else. */
export function dropsNeededVar(dropped: SyntaxNode, { names }: RemovalWork): boolean {
  if (!declaresVar(dropped)) return false;
  return names.all.some(
    ({ declaredBy, uses }) =>
      declaredBy.some((node) => node.type === 'VariableDeclarator') &&
      declaredBy.every((node) => isWithin(node, dropped)) &&
      uses.some((use) => !isWithin(use, dropped)),
  );
}

/** Whether a `var` is declared in a node, for the function around it. */
function declaresVar(node: SyntaxNode): boolean {
  if (isFunction(node)) return false;
  if (node.type === 'VariableDeclaration' && textOf(node, 'kind') === 'var') return true;
  return everyChildOf(node).some(declaresVar);
}
