import { evaluateExpression, isHalyardPackage } from './evaluate-expression.js';
import { isFlagReceiver } from './flag-receiver.js';
import type { Scope } from './scope.js';
import type { Known } from './static-value.js';
import { bare, lastName, memberName, nodeOf, nodesOf, type SyntaxNode } from './syntax.js';

/** A key that a test says, and where. */
interface SaidKey {
  readonly key: string;
  readonly node: SyntaxNode;
}

/** Which argument of the kit's functions says something of flags. */
const functions: ReadonlyMap<string, number> = new Map([
  ['testFlags', 0],
  ['withFlags', 1],
  ['eachFlagState', 0],
  ['expectEvaluated', 1],
]);

/** Which argument of the methods of what `testFlags` made. */
const methods: ReadonlyMap<string, number> = new Map([
  ['set', 0],
  ['withFlags', 0],
  ['unitIn', 0],
  ['pin', 1],
]);

/** The keys that a call of `halyard/testing` says: `testFlags({ a: true })`, `eachFlagState(['a', 'b'])`. */
export function keysOfDouble(call: SyntaxNode, scope: Scope, known: Known): readonly SaidKey[] {
  const written = nodeOf(call, 'callee');
  const args = nodesOf(call, 'arguments');
  const index = written && argumentOf(bare(written), scope, known);
  const said = index === undefined ? undefined : args[index];
  return said === undefined ? [] : keysIn(said, scope, known);
}

function argumentOf(callee: SyntaxNode, scope: Scope, known: Known): number | undefined {
  const name = lastName(callee) ?? '';
  if (!functions.has(name) && !methods.has(name) && callee.type !== 'Identifier') return undefined;
  const value = evaluateExpression(callee, scope, known);
  if (value?.kind === 'imported') return isHalyardPackage(value.from) ? functions.get(value.name) : undefined;
  const object = nodeOf(callee, 'object');
  if (object === undefined || !methods.has(name)) return undefined;
  // `set` and `pin` are methods of much else.
  const isSure = value?.kind === 'made' && isHalyardPackage(value.from);
  const isWithFlags = name === 'withFlags' && isFlagReceiver(object, scope, known) === 'yes';
  return isSure || isWithFlags ? methods.get(name) : undefined;
}

function keysIn(said: SyntaxNode, scope: Scope, known: Known): readonly SaidKey[] {
  const value = evaluateExpression(said, scope, known);
  switch (value?.kind) {
    case 'text':
      return [{ key: value.text, node: said }];
    case 'list':
      return value.of.flatMap((each) => (each.kind === 'text' ? [{ key: each.text, node: said }] : []));
    case 'object':
      return propertiesIn(value.node, value.scope, known);
    default:
      return [];
  }
}

/** The keys of answers, or of the flags of a whole document. */
function propertiesIn(object: SyntaxNode, scope: Scope, known: Known): readonly SaidKey[] {
  const properties = nodesOf(object, 'properties');
  const named = (name: string): SyntaxNode | undefined => properties.find((each) => memberName(each) === name);
  const flags = named('version') === undefined ? undefined : nodeOf(named('flags'), 'value');
  if (flags !== undefined) return keysIn(flags, scope, known);
  return properties.flatMap((property): readonly SaidKey[] => {
    const spread = property.type === 'SpreadElement' ? nodeOf(property, 'argument') : undefined;
    if (spread !== undefined) return keysIn(spread, scope, known);
    const key = memberName(property) ?? computedKey(property, scope, known);
    return key === undefined ? [] : [{ key, node: nodeOf(property, 'key') ?? property }];
  });
}

function computedKey(property: SyntaxNode, scope: Scope, known: Known): string | undefined {
  const key = nodeOf(property, 'key');
  const value = key && evaluateExpression(key, scope, known);
  return value?.kind === 'text' ? value.text : undefined;
}
