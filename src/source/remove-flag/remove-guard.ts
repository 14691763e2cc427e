import { evaluateExpression } from '../evaluate-expression.js';
import type { FlagRead } from '../flag-read.js';
import { bare, lastName, nodeOf, nodesOf, placeOf, type SyntaxNode } from '../syntax.js';
import type { Winner } from './read-answer.js';
import { literalOf } from './side-effects.js';
import { type RemovalWork, removeElement } from './removal-work.js';
import { isInList, removeLines, removeStatement } from './remove-statement.js';

/** Removes a guard that lets everyone pass; says why where it can't. */
export function removeGuard(read: FlagRead, winner: Winner, work: RemovalWork): void {
  const why = tryRemoval(read, winner, work);
  if (why !== undefined) work.leave(read.node, why);
}

function tryRemoval({ node, key = '' }: FlagRead, winner: Winner, work: RemovalWork): string | undefined {
  const name = guardName(node, work);
  if (name === 'KillSwitch' || name === 'killSwitch' || name === 'KillSwitchGuard') {
    return 'It is a kill switch: remove it if nobody needs to switch this off any more, else keep the flag.';
  }
  if (name === 'Flag' || name?.endsWith('FeatureFlag') === true) return parameterAdvice(winner);
  if (!requiring.has(name ?? '')) return 'What this guard does is not known.';
  if (winner.type === 'default' || winner.value !== true) {
    return `It lets nobody pass, since \`${key}\` is not true: remove what it guards.`;
  }
  return removePassing(node, work);
}

const requiring: ReadonlySet<string> = new Set(['requireFlag', 'RequireFlag', 'RequireFlagGuard']);

/** What a guard is called where it comes from, whatever it is called here. */
function guardName(call: SyntaxNode, { tree }: RemovalWork): string | undefined {
  const callee = nodeOf(call, 'callee');
  if (callee === undefined) return undefined;
  const value = evaluateExpression(bare(callee), tree.scopeOf(call), new Map());
  const isNamed = value?.kind === 'imported' && value.name !== '*' && value.name !== 'default';
  return isNamed ? value.name : lastName(bare(callee));
}

function parameterAdvice(winner: Winner): string {
  const value = winner.type === 'value' ? `\`${JSON.stringify(winner.value)}\`` : 'the default';
  return `The parameter is always ${value}: use that in its place, then drop the parameter and its decorator.`;
}

function removePassing(node: SyntaxNode, work: RemovalWork): string | undefined {
  const { tree } = work;
  const parent = tree.parentOf(node);
  if (parent?.type === 'Decorator') {
    removeLines(placeOf(parent), work);
    return undefined;
  }
  if (parent?.type === 'ArrayExpression') {
    removeElement(node, work);
    return undefined;
  }
  const args = nodesOf(parent, 'arguments');
  if (parent?.type !== 'CallExpression' || !args.includes(node)) return 'Take the guard out: it lets everyone pass.';
  return removeArgument(node, parent, args, work);
}

function removeArgument(
  node: SyntaxNode,
  call: SyntaxNode,
  args: readonly SyntaxNode[],
  work: RemovalWork,
): string | undefined {
  const { tree, goneElements } = work;
  const callee = nodeOf(call, 'callee');
  const name = callee && lastName(bare(callee));
  const others = args.filter((each) => each !== node && !goneElements.has(each));
  const around = tree.parentOf(call);
  const isHandled = others.some((each) => literalOf(each) === undefined);
  // `@UseGuards(RequireFlagGuard('x'))`
  if (others.length === 0 && around?.type === 'Decorator') removeLines(placeOf(around), work);
  else if (isHandled && !(args.at(-1) === node && name !== 'use' && name !== 'UseGuards')) removeElement(node, work);
  else if (name === 'use' && around?.type === 'ExpressionStatement') {
    const list = tree.parentOf(around);
    if (list === undefined || !isInList(around, list)) return 'Take the guard out: it lets everyone pass.';
    removeStatement(around, work);
  } else return 'It lets everyone pass, and nothing stands after it: remove the call.';
  return undefined;
}
