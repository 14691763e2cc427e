import { nodeOf, nodesOf, type SyntaxNode } from './syntax.js';

/**
 * Whether a statement always leaves the list of statements that it stands in.
 *
 * @param truthOf what is known of a test. Default: nothing
 */
export function leaves(
  node: SyntaxNode | undefined,
  truthOf: (test: SyntaxNode) => boolean | undefined = () => undefined,
): boolean {
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
