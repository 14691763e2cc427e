import { isFunction, nodeOf, nodesOf, type SyntaxNode, textOf } from '../syntax.js';
import { everyChildOf } from './syntax-tree.js';

/** What always leaves the list of statements that it stands in. */
export function leaves(node: SyntaxNode | undefined, truthOf: (test: SyntaxNode) => boolean | undefined): boolean {
  switch (node?.type) {
    case 'ReturnStatement':
    case 'ThrowStatement':
    case 'ContinueStatement':
    case 'BreakStatement':
      return true;
    case 'BlockStatement':
      return nodesOf(node, 'body').some((each) => leaves(each, truthOf));
    case 'IfStatement': {
      const test = nodeOf(node, 'test');
      const truth = test && truthOf(test);
      if (truth !== undefined) return leaves(nodeOf(node, truth ? 'consequent' : 'alternate'), truthOf);
      return leaves(nodeOf(node, 'consequent'), truthOf) && leaves(nodeOf(node, 'alternate'), truthOf);
    }
    default:
      return false;
  }
}

/** Whether a `var` is declared in a node, for the function around it. */
export function declaresVar(node: SyntaxNode): boolean {
  if (isFunction(node)) return false;
  if (node.type === 'VariableDeclaration' && textOf(node, 'kind') === 'var') return true;
  return everyChildOf(node).some(declaresVar);
}
