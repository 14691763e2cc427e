import type { Binding, Scope } from './scope.js';
import { memberName, nodeOf, nodesOf, type SyntaxNode, textOf } from './syntax.js';

/** What a name of a pattern is bound to. `path`: the members that lead to it. */
type CreateBinding = (path: readonly string[], at: SyntaxNode) => Binding;

/** Enters every name of a pattern (`a`, `{ a, b: c = 1 }`, `[a]`, `...a`) into a scope. */
export function bindPattern(
  pattern: SyntaxNode,
  create: CreateBinding,
  scope: Scope,
  path: readonly string[] = [],
): void {
  switch (pattern.type) {
    case 'Identifier': {
      const name = textOf(pattern, 'name');
      if (name !== undefined) scope.names.set(name, create(path, pattern));
      return;
    }
    case 'AssignmentPattern': {
      const left = nodeOf(pattern, 'left');
      if (left !== undefined) bindPattern(left, create, scope, path);
      return;
    }
    case 'ObjectPattern':
      for (const property of nodesOf(pattern, 'properties')) bindProperty(property, create, scope, path);
      return;
    case 'ArrayPattern':
      for (const element of nodesOf(pattern, 'elements')) bindPattern(element, unknown, scope);
      return;
    case 'RestElement': {
      const argument = nodeOf(pattern, 'argument');
      if (argument !== undefined) bindPattern(argument, unknown, scope);
      return;
    }
    default:
  }
}

const unknown: CreateBinding = () => ({ kind: 'unknown' });

function bindProperty(property: SyntaxNode, create: CreateBinding, scope: Scope, path: readonly string[]): void {
  const value = nodeOf(property, 'value');
  if (value === undefined) bindPattern(property, create, scope, path);
  else {
    const name = memberName(property);
    bindPattern(value, name === undefined ? unknown : create, scope, name === undefined ? path : [...path, name]);
  }
}
