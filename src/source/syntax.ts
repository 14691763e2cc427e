/**
 * A node of an ESTree-shaped tree, whichever parser made it. Fields are read by name, since parsers and their versions
 * type them differently.
 */
export interface SyntaxNode {
  readonly type: string;
}

/** Where a node stands in its file. */
export interface Place {
  /** Offsets in UTF-16 code units; `end` is the first that doesn't belong to it. */
  readonly start: number;
  readonly end: number;
  /** 1-based. */
  readonly line: number;
  /** 1-based, in UTF-16 code units. */
  readonly column: number;
}

/** What a field of a node holds. */
export function fieldOf(node: SyntaxNode, field: string): unknown {
  return (node as unknown as Readonly<Record<string, unknown>>)[field];
}

/** The node in a field, if there is one. */
export function nodeOf(node: SyntaxNode | undefined, field: string): SyntaxNode | undefined {
  const value = node && fieldOf(node, field);
  return isNode(value) ? value : undefined;
}

/** The nodes in a field that is a list; holes are left out. */
export function nodesOf(node: SyntaxNode | undefined, field: string): readonly SyntaxNode[] {
  const value = node && fieldOf(node, field);
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** The text in a field, if there is one. */
export function textOf(node: SyntaxNode | undefined, field: string): string | undefined {
  const value = node && fieldOf(node, field);
  return typeof value === 'string' ? value : undefined;
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

/** Fields that lead back, to comments, or into types: no flag is read there. */
const skipped: ReadonlySet<string> = new Set([
  'parent',
  'loc',
  'range',
  'tokens',
  'comments',
  'leadingComments',
  'trailingComments',
  'innerComments',
  'typeAnnotation',
  'typeParameters',
  'typeArguments',
  'returnType',
  'superTypeParameters',
  'superTypeArguments',
  'implements',
]);

/** Every node directly below one, in the order of the text as far as parsers keep to it. */
export function childrenOf(node: SyntaxNode): readonly SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (const field of Object.keys(node)) {
    if (skipped.has(field)) continue;
    const value = fieldOf(node, field);
    if (isNode(value)) children.push(value);
    else if (Array.isArray(value)) children.push(...value.filter(isNode));
  }
  return children;
}

export function placeOf(node: SyntaxNode): Place {
  const range = fieldOf(node, 'range') as readonly [number, number] | undefined;
  const { start, end } = node as unknown as { readonly start?: number; readonly end?: number };
  const loc = fieldOf(node, 'loc') as
    { readonly start: { readonly line: number; readonly column: number } } | undefined;
  return {
    start: range?.[0] ?? start ?? 0,
    end: range?.[1] ?? end ?? 0,
    line: loc?.start.line ?? 1,
    column: (loc?.start.column ?? 0) + 1,
  };
}

const wrappings: ReadonlySet<string> = new Set([
  'AwaitExpression',
  'ChainExpression',
  'ParenthesizedExpression',
  'TSAsExpression',
  'TSInstantiationExpression',
  'TSNonNullExpression',
  'TSSatisfiesExpression',
  'TSTypeAssertion',
]);

/** Whether a node only says something about the expression in it: `await x`, `x!`, `x as const`. */
export const isWrapping = (node: SyntaxNode): boolean => wrappings.has(node.type);

/** An expression without `await`, `as const`, `!` and parentheses around it. */
export function bare(node: SyntaxNode): SyntaxNode {
  if (!isWrapping(node)) return node;
  const inner = nodeOf(node, 'expression') ?? nodeOf(node, 'argument');
  return inner === undefined ? node : bare(inner);
}

/** The name that a key or property says: `a`, `'a'`, `#a` as `a`; `undefined` if it is computed from something else. */
export function nameOfKey(node: SyntaxNode | undefined, isComputed = false): string | undefined {
  if (node === undefined) return undefined;
  if (node.type === 'Identifier') return isComputed ? undefined : textOf(node, 'name');
  if (node.type === 'PrivateIdentifier') return textOf(node, 'name');
  if (node.type !== 'Literal') return undefined;
  const value = fieldOf(node, 'value');
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

/** The name of a member of an object, a class or an enumeration. */
export function memberName(member: SyntaxNode): string | undefined {
  const key = nodeOf(member, 'key');
  return key === undefined ? nameOfKey(nodeOf(member, 'id')) : nameOfKey(key, fieldOf(member, 'computed') === true);
}

/** The last name of what is called or read: `boolean` of `req.flags.boolean`, `isOn` of `isOn`. */
export function lastName(node: SyntaxNode): string | undefined {
  if (node.type === 'Identifier') return textOf(node, 'name');
  if (node.type !== 'MemberExpression') return undefined;
  return nameOfKey(nodeOf(node, 'property'), fieldOf(node, 'computed') === true);
}

const functions: ReadonlySet<string> = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
]);

export const isFunction = (node: SyntaxNode): boolean => functions.has(node.type);

export const isClass = (node: SyntaxNode): boolean =>
  node.type === 'ClassDeclaration' || node.type === 'ClassExpression';
