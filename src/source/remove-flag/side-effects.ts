import { fieldOf, isFunction, lastName, nodeOf, type SyntaxNode, textOf } from '../syntax.js';
import { everyChildOf } from './syntax-tree.js';

/** What may do more than give a value. Reading a member may call a getter; nobody means anything by that. */
const effects: ReadonlySet<string> = new Set([
  'AssignmentExpression',
  'AwaitExpression',
  'CallExpression',
  'ClassBody',
  'ImportExpression',
  'NewExpression',
  'TaggedTemplateExpression',
  'UpdateExpression',
  'YieldExpression',
]);

/** Whether it makes no difference that an expression isn't evaluated. */
export function isPure(node: SyntaxNode, isKnown: (node: SyntaxNode) => boolean = () => false): boolean {
  if (isKnown(node) || isFunction(node)) return true;
  if (effects.has(node.type)) return false;
  if (node.type === 'UnaryExpression' && textOf(node, 'operator') === 'delete') return false;
  return everyChildOf(node).every((child) => isPure(child, isKnown));
}

/** Whether making a value does nothing else, so that nobody misses it if it isn't made. */
export function isPlainValue(node: SyntaxNode): boolean {
  if (isPure(node)) return true;
  const callee = nodeOf(node, 'callee');
  const name = callee && lastName(callee);
  const args = everyChildOf(node).filter((child) => child !== callee);
  if (!args.every(isPlainValue) || name === undefined) return false;
  if (node.type === 'NewExpression') return collections.has(name);
  if (node.type !== 'CallExpression') return false;
  const object = nodeOf(callee, 'object');
  const isFrozen = name === 'freeze' && object !== undefined && lastName(object) === 'Object';
  return isFrozen || givesFlags.has(name) || (callee?.type === 'Identifier' && name === 'require');
}

/** What flags are asked of is there in any case. */
const givesFlags: ReadonlySet<string> = new Set(['flagsOf', 'getClient', 'getFlags']);

const collections: ReadonlySet<string> = new Set(['Map', 'Set', 'WeakMap', 'WeakSet', 'Date', 'RegExp', 'URL']);

/** Whether an argument of a read changes something, so that the read can't simply go. */
export function changesSomething(node: SyntaxNode): boolean {
  if (isFunction(node)) return false;
  if (node.type === 'AssignmentExpression' || node.type === 'UpdateExpression' || node.type === 'YieldExpression') {
    return true;
  }
  return everyChildOf(node).some(changesSomething);
}

export const operatorOf = (node: SyntaxNode): string => textOf(node, 'operator') ?? '';

export const literalOf = (node: SyntaxNode): string | number | boolean | null | undefined => {
  if (node.type !== 'Literal' || fieldOf(node, 'regex') !== undefined || fieldOf(node, 'bigint') !== undefined) {
    return undefined;
  }
  return fieldOf(node, 'value') as string | number | boolean | null;
};
