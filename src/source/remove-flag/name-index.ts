import type { Scope } from '../scope.js';
import { fieldOf, nodeOf, nodesOf, type SyntaxNode, textOf } from '../syntax.js';
import type { SyntaxTree } from './syntax-tree.js';

/** What a name was declared by in a scope, and everywhere it is used. */
export interface DeclaredName {
  readonly name: string;
  readonly scope: Scope;
  /** The nodes that declare it: a `VariableDeclarator`, an import's specifier, a function and its overloads, … */
  readonly declaredBy: readonly SyntaxNode[];
  /** Each identifier that means it, in values and in types. */
  readonly uses: readonly SyntaxNode[];
}

/** What every name of a module means. */
export interface NameIndex {
  readonly all: readonly DeclaredName[];
  /** What an identifier means; `undefined`: nothing that this file declares. */
  readonly meaningOf: (identifier: SyntaxNode) => DeclaredName | undefined;
}

interface Entry extends DeclaredName {
  readonly declaredBy: SyntaxNode[];
  readonly uses: SyntaxNode[];
}

export function indexNames(tree: SyntaxTree): NameIndex {
  const entries = new Map<Scope, Map<string, Entry>>();
  const entryOf = (name: string, scope: Scope): Entry => {
    const names = entries.get(scope) ?? new Map<string, Entry>();
    entries.set(scope, names);
    const entry = names.get(name) ?? { name, scope, declaredBy: [], uses: [] };
    names.set(name, entry);
    return entry;
  };
  const find = (name: string, scope: Scope | undefined): Entry | undefined => {
    if (scope === undefined) return undefined;
    return entries.get(scope)?.get(name) ?? (scope.names.has(name) ? entryOf(name, scope) : find(name, scope.parent));
  };
  const bindings = new Set<SyntaxNode>();
  const outerScope = (node: SyntaxNode): Scope => tree.scopeOf(tree.parentOf(node) ?? node);
  for (const node of tree.nodes) {
    for (const identifier of declaredIdentifiers(node)) {
      bindings.add(identifier);
      const name = textOf(identifier, 'name') ?? '';
      const scope = isType(node) ? outerScope(node) : tree.scopeOf(identifier);
      const entry = isType(node) ? entryOf(name, scope) : find(name, scope);
      entry?.declaredBy.push(node);
    }
  }
  const meanings = new Map<SyntaxNode, Entry>();
  for (const node of tree.nodes) {
    if (bindings.has(node) || !isUse(node, tree.parentOf(node))) continue;
    const entry = find(textOf(node, 'name') ?? '', tree.scopeOf(node));
    if (entry === undefined) continue;
    entry.uses.push(node);
    meanings.set(node, entry);
  }
  return {
    all: [...entries.values()].flatMap((names) => [...names.values()]),
    meaningOf: (identifier) => meanings.get(identifier),
  };
}

const types: ReadonlySet<string> = new Set(['TSTypeAliasDeclaration', 'TSInterfaceDeclaration', 'TSDeclareFunction']);
const isType = (node: SyntaxNode): boolean => types.has(node.type);

const named: ReadonlySet<string> = new Set([
  ...types,
  'FunctionDeclaration',
  'FunctionExpression',
  'ClassDeclaration',
  'ClassExpression',
  'TSEnumDeclaration',
  'TSImportEqualsDeclaration',
]);

/** The identifiers that a node declares. */
function declaredIdentifiers(node: SyntaxNode): readonly SyntaxNode[] {
  const parameters = nodesOf(node, 'params').flatMap((each) => identifiersIn(nodeOf(each, 'parameter') ?? each));
  if (named.has(node.type)) return [...identifiersIn(nodeOf(node, 'id')), ...parameters];
  switch (node.type) {
    case 'ArrowFunctionExpression':
      return parameters;
    case 'VariableDeclarator':
      return identifiersIn(nodeOf(node, 'id'));
    case 'CatchClause':
      return identifiersIn(nodeOf(node, 'param'));
    case 'ImportSpecifier':
    case 'ImportDefaultSpecifier':
    case 'ImportNamespaceSpecifier':
      return identifiersIn(nodeOf(node, 'local'));
    default:
      return [];
  }
}

/** Every name of a pattern. */
export function identifiersIn(pattern: SyntaxNode | undefined): readonly SyntaxNode[] {
  switch (pattern?.type) {
    case 'Identifier':
      return [pattern];
    case 'AssignmentPattern':
      return identifiersIn(nodeOf(pattern, 'left'));
    case 'RestElement':
      return identifiersIn(nodeOf(pattern, 'argument'));
    case 'ArrayPattern':
      return nodesOf(pattern, 'elements').flatMap(identifiersIn);
    case 'ObjectPattern':
      return nodesOf(pattern, 'properties').flatMap((each) => identifiersIn(nodeOf(each, 'value') ?? each));
    default:
      return [];
  }
}

/** In which fields of a node an identifier is only a label, or the name of a member. */
const nameFields: Readonly<Record<string, readonly string[]>> = {
  BreakStatement: ['label'],
  ContinueStatement: ['label'],
  ExportSpecifier: ['exported'],
  ImportSpecifier: ['imported', 'local'],
  JSXMemberExpression: ['property'],
  LabeledStatement: ['label'],
  MetaProperty: ['meta', 'property'],
  TSEnumMember: ['id'],
  TSNamedTupleMember: ['label'],
  TSQualifiedName: ['right'],
};

const keyed: ReadonlySet<string> = new Set([
  'AccessorProperty',
  'MethodDefinition',
  'Property',
  'PropertyDefinition',
  'TSAbstractMethodDefinition',
  'TSAbstractPropertyDefinition',
  'TSMethodSignature',
  'TSPropertySignature',
]);

function isUse(node: SyntaxNode, parent: SyntaxNode | undefined): boolean {
  if (node.type !== 'Identifier' && node.type !== 'JSXIdentifier') return false;
  if (parent === undefined) return false;
  const isComputed = fieldOf(parent, 'computed') === true;
  if (parent.type === 'MemberExpression') return isComputed || nodeOf(parent, 'property') !== node;
  if (keyed.has(parent.type)) return isComputed || nodeOf(parent, 'key') !== node;
  // `<div>` is no name; `<Cart>` is.
  if (parent.type === 'JSXAttribute' || parent.type === 'JSXNamespacedName') return false;
  return !(nameFields[parent.type] ?? []).some((field) => nodeOf(parent, field) === node);
}
