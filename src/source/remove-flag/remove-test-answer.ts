import type { FlagRead } from '../flag-read.js';
import { nodeOf, nodesOf, type SyntaxNode } from '../syntax.js';
import type { Winner } from './read-answer.js';
import { literalOf } from './side-effects.js';
import { type RemovalWork, removeElement } from './removal-work.js';

/** Removes what a test says of a flag, where it says only what holds anyway, and something of other flags, too. */
export function removeTestAnswer({ key = '', keyNode, node }: FlagRead, winner: Winner, work: RemovalWork): void {
  const property = work.tree.parentOf(keyNode);
  const object = property && work.tree.parentOf(property);
  const isProperty = property?.type === 'Property' && object?.type === 'ObjectExpression';
  if (!isProperty) {
    work.leave(node, `A test asks for \`${key}\`: look at what it tests.`);
    return;
  }
  const said = nodeOf(property, 'value');
  const isWinning = said !== undefined && winner.type === 'value' && literalOf(said) === winner.value;
  if (!isWinning) work.leave(node, `A test sets \`${key}\` to another value: it tests what goes, or belongs changed.`);
  else if (hasOthers(object, property, work)) removeElement(property, work);
  else work.leave(node, `A test sets \`${key}\` and nothing else: call it without.`);
}

function hasOthers(object: SyntaxNode, property: SyntaxNode, { goneElements }: RemovalWork): boolean {
  return nodesOf(object, 'properties').some((each) => each !== property && !goneElements.has(each));
}
