import { leaves } from '../leaves.js';
import type { SyntaxNode } from '../syntax.js';
import { declareNeededNames } from './name-clash.js';
import { removeStatement } from './remove-statement.js';
import type { RemovalWork } from './removal-work.js';

/**
 * Removes what follows a statement that always leaves now, and didn't before. Functions stay, because they may be called
 * before they are written, and types; what of them isn't used any more goes later.
 *
 * @returns whether nothing is left to look at
 */
export function removeUnreachable(statement: SyntaxNode, rest: readonly SyntaxNode[], work: RemovalWork): boolean {
  const { folding, keptFunctions } = work;
  const isTouched = folding.isTouched(statement);
  if (!isTouched || rest.length === 0) return false;
  const truthOf = (test: SyntaxNode): boolean | undefined =>
    folding.isTouched(test) ? folding.truthOf(test) : undefined;
  if (leaves(statement) || !leaves(statement, truthOf)) return false;
  const isCode = (node: SyntaxNode): boolean => !hoisted.has(node.type);
  if (declareNeededNames(rest.filter(isCode), rest, work)) {
    work.leave(statement, 'What follows is not reached any more, but declares names that are used before.');
    return false;
  }
  for (const node of rest) {
    if (isCode(node)) removeStatement(node, work);
    else if (node.type === 'FunctionDeclaration') keptFunctions.add(node);
  }
  return true;
}

const hoisted: ReadonlySet<string> = new Set([
  'FunctionDeclaration',
  'TSDeclareFunction',
  'TSInterfaceDeclaration',
  'TSTypeAliasDeclaration',
]);
