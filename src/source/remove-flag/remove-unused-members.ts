import { fieldOf, isClass, memberName, nodeOf, nodesOf, placeOf, type SyntaxNode, textOf } from '../syntax.js';
import type { RemovalWork } from './removal-work.js';
import { removeStatement } from './remove-statement.js';
import { isPlainValue } from './side-effects.js';
import { isWithin } from './syntax-tree.js';

/** Removes private members of classes that were used before, and aren't any more. Returns whether there were any. */
export function removeUnusedMembers(work: RemovalWork): boolean {
  const { tree, draft } = work;
  let isChanged = false;
  for (const node of tree.nodes) {
    if (!isClass(node) || draft.isGone(placeOf(node))) continue;
    for (const member of nodesOf(nodeOf(node, 'body'), 'body')) {
      isChanged = demoteParameters(member, work) || isChanged;
      if (draft.isGone(placeOf(member)) || !isPrivate(member) || !isUnusedNow(member, work)) continue;
      const value = nodeOf(member, 'value');
      const isSure = member.type === 'MethodDefinition' || value === undefined || isPlainOrAnswer(value, work);
      if (!isSure || nodesOf(member, 'decorators').length > 0) continue;
      removeStatement(member, work);
      isChanged = true;
    }
  }
  return isChanged;
}

/**
 * Makes plain parameters of private properties that a constructor takes and nobody reads any more. Whoever calls it goes on
 * giving them: taking them out is for a person.
 */
function demoteParameters(member: SyntaxNode, work: RemovalWork): boolean {
  const { tree, draft } = work;
  if (textOf(member, 'kind') !== 'constructor') return false;
  let isChanged = false;
  for (const property of nodesOf(nodeOf(member, 'value'), 'params')) {
    const parameter = nodeOf(property, 'parameter');
    const name = textOf(parameter?.type === 'AssignmentPattern' ? nodeOf(parameter, 'left') : parameter, 'name');
    if (parameter === undefined || name === undefined || textOf(property, 'accessibility') !== 'private') continue;
    const { start } = placeOf(parameter);
    const [modifiers] = /(?:\b(?:private|readonly|override)\s+)+$/.exec(tree.text.slice(0, start)) ?? [''];
    if (modifiers === '' || draft.isGone({ start: start - modifiers.length, end: start })) continue;
    if (!isNameUnusedNow(name, property, work)) continue;
    draft.remove(start - modifiers.length, start);
    work.leave(parameter, `\`${name}\` is not used any more: take it out here, and where the class is made.`);
    isChanged = true;
  }
  return isChanged;
}

function isPlainOrAnswer(value: SyntaxNode, { folding }: RemovalWork): boolean {
  return isPlainValue(value) || (folding.isTouched(value) && folding.constantOf(value) !== undefined);
}

/** Whether nothing outside of its class reads a member. */
export function isPrivate(member: SyntaxNode): boolean {
  if (textOf(member, 'kind') === 'constructor') return false;
  return nodeOf(member, 'key')?.type === 'PrivateIdentifier' || textOf(member, 'accessibility') === 'private';
}

function isUnusedNow(member: SyntaxNode, work: RemovalWork): boolean {
  const name = memberName(member);
  return name !== undefined && isNameUnusedNow(name, member, work);
}

/** By its name, whatever it is a member of: another's use of the same name counts, too. */
function isNameUnusedNow(name: string, member: SyntaxNode, { tree, draft }: RemovalWork): boolean {
  const uses = tree.nodes.filter((node) => isUseOf(name, node, tree.parentOf(node)) && !isWithin(node, member));
  return uses.length > 0 && uses.every((use) => draft.isGone(placeOf(use)));
}

function isUseOf(name: string, node: SyntaxNode, parent: SyntaxNode | undefined): boolean {
  if (node.type === 'Literal') return fieldOf(node, 'value') === name;
  if (textOf(node, 'name') !== name) return false;
  const isMember = parent?.type === 'MemberExpression' && nodeOf(parent, 'property') === node;
  return isMember || (parent?.type === 'Property' && nodeOf(parent, 'key') === node);
}
