import { bindPattern } from './bind-pattern.js';
import { exportedNames, type Exports } from './exported-names.js';
import type { Binding, Scope } from './scope.js';
import {
  childrenOf,
  fieldOf,
  isClass,
  isFunction,
  nodeOf,
  nodesOf,
  nameOfKey,
  type SyntaxNode,
  textOf,
} from './syntax.js';

/** A file's tree with what its names mean. */
export interface SourceModule {
  readonly program: SyntaxNode;
  /** The scope that a node opens, for those that open one. */
  readonly scopes: ReadonlyMap<SyntaxNode, Scope>;
  readonly root: Scope;
  readonly exports: Exports;
  /** The module that an import means; `undefined`: none of this project. */
  readonly link: (specifier: string) => SourceModule | undefined;
}

interface Reading {
  readonly module: SourceModule;
  readonly scopes: Map<SyntaxNode, Scope>;
}

/** Finds out what each name of a file means where. */
export function readModule(program: SyntaxNode, link: SourceModule['link'] = () => undefined): SourceModule {
  const scopes = new Map<SyntaxNode, Scope>();
  const module: { -readonly [Field in keyof SourceModule]: SourceModule[Field] } = {
    program,
    scopes,
    root: undefined as never,
    exports: exportedNames(program),
    link,
  };
  module.root = { module, parent: undefined, names: new Map(), within: undefined, isFunction: true };
  scopes.set(program, module.root);
  for (const statement of nodesOf(program, 'body')) declare(statement, module.root, program, { module, scopes });
  return module;
}

const blocks: ReadonlySet<string> = new Set([
  'BlockStatement',
  'CatchClause',
  'ForInStatement',
  'ForOfStatement',
  'ForStatement',
  'StaticBlock',
  'SwitchStatement',
  'TSModuleBlock',
]);

/** Enters what a node declares into its scope, and goes on below it. */
function declare(node: SyntaxNode, scope: Scope, parent: SyntaxNode, reading: Reading): void {
  declareNames(node, scope, parent);
  const inner = openScope(node, scope, parent, reading);
  for (const child of childrenOf(node)) declare(child, inner, node, reading);
}

function declareNames(node: SyntaxNode, scope: Scope, parent: SyntaxNode): void {
  switch (node.type) {
    case 'ImportDeclaration':
      declareImports(node, scope);
      break;
    case 'TSImportEqualsDeclaration':
      declareImportEquals(node, scope);
      break;
    case 'VariableDeclaration':
      declareVariables(node, scope, parent);
      break;
    case 'FunctionDeclaration':
      enter(node, { kind: 'function', node, scope }, scope);
      break;
    case 'ClassDeclaration':
      enter(node, { kind: 'class', node, scope }, scope);
      break;
    case 'TSEnumDeclaration':
      enter(node, { kind: 'enum', node, scope }, scope);
      break;
    default:
  }
}

function enter(node: SyntaxNode, binding: Binding, scope: Scope): void {
  const name = textOf(nodeOf(node, 'id'), 'name');
  if (name !== undefined) scope.names.set(name, binding);
}

function openScope(node: SyntaxNode, scope: Scope, parent: SyntaxNode, { module, scopes }: Reading): Scope {
  const isOpening = isFunction(node) || isClass(node) || blocks.has(node.type);
  if (!isOpening) return scope;
  const isMember = parent.type === 'MethodDefinition' || parent.type === 'PropertyDefinition';
  const losesThis = isFunction(node) && node.type !== 'ArrowFunctionExpression' && !isMember;
  const within = isClass(node) ? node : losesThis ? undefined : scope.within;
  const inner: Scope = { module, parent: scope, names: new Map(), within, isFunction: isFunction(node) };
  scopes.set(node, inner);
  if (isFunction(node)) declareParameters(node, inner, parent);
  if (node.type === 'ClassExpression') enter(node, { kind: 'class', node, scope: inner }, inner);
  if (node.type === 'FunctionExpression') enter(node, { kind: 'function', node, scope: inner }, inner);
  const caught = node.type === 'CatchClause' ? nodeOf(node, 'param') : undefined;
  if (caught !== undefined) bindPattern(caught, () => ({ kind: 'unknown' }), inner);
  return inner;
}

function declareParameters(node: SyntaxNode, scope: Scope, parent: SyntaxNode): void {
  const each = iterableOf(node, parent);
  const isCallback = nodesOf(parent, 'arguments').includes(node);
  for (const [index, written] of nodesOf(node, 'params').entries()) {
    const pattern = nodeOf(written, 'parameter') ?? written;
    const create = (path: readonly string[], at: SyntaxNode): Binding => ({
      kind: 'parameter',
      of: node,
      index,
      path,
      isCallback,
      annotation: nodeOf(at, 'typeAnnotation'),
      decorators: [...nodesOf(written, 'decorators'), ...nodesOf(at, 'decorators')],
      each: index === 0 && path.length === 0 ? each : undefined,
      scope,
    });
    bindPattern(pattern, create, scope);
  }
}

/** Methods of lists whose callback is given each element first. */
const iterations: ReadonlySet<string> = new Set([
  'every',
  'filter',
  'find',
  'findIndex',
  'findLast',
  'flatMap',
  'forEach',
  'map',
  'some',
]);

/** The list whose elements a callback is called with: `KEYS` in `KEYS.map((key) => …)`. */
function iterableOf(callback: SyntaxNode, parent: SyntaxNode): SyntaxNode | undefined {
  const callee = nodeOf(parent, 'callee');
  if (callee?.type !== 'MemberExpression' || nodesOf(parent, 'arguments')[0] !== callback) return undefined;
  const method = nameOfKey(nodeOf(callee, 'property'), fieldOf(callee, 'computed') === true);
  return method !== undefined && iterations.has(method) ? nodeOf(callee, 'object') : undefined;
}

function declareVariables(node: SyntaxNode, scope: Scope, parent: SyntaxNode): void {
  const kind = textOf(node, 'kind');
  const each = parent.type === 'ForOfStatement' ? nodeOf(parent, 'right') : undefined;
  const home = kind === 'var' ? functionScope(scope) : scope;
  for (const declarator of nodesOf(node, 'declarations')) {
    const pattern = nodeOf(declarator, 'id');
    if (pattern === undefined) continue;
    const create = (path: readonly string[], at: SyntaxNode): Binding => ({
      kind: 'variable',
      isConst: kind === 'const',
      init: nodeOf(declarator, 'init'),
      path,
      annotation: nodeOf(at, 'typeAnnotation'),
      each: path.length === 0 ? each : undefined,
      scope,
    });
    bindPattern(pattern, create, home);
  }
}

function functionScope(scope: Scope): Scope {
  return scope.isFunction || scope.parent === undefined ? scope : functionScope(scope.parent);
}

function declareImports(node: SyntaxNode, scope: Scope): void {
  const specifier = fieldOf(nodeOf(node, 'source') ?? node, 'value');
  if (typeof specifier !== 'string') return;
  for (const each of nodesOf(node, 'specifiers')) {
    const local = textOf(nodeOf(each, 'local'), 'name');
    if (local !== undefined) scope.names.set(local, { kind: 'import', specifier, name: importedName(each), scope });
  }
}

function importedName(specifier: SyntaxNode): string {
  if (specifier.type === 'ImportDefaultSpecifier') return 'default';
  if (specifier.type === 'ImportNamespaceSpecifier') return '*';
  return nameOfKey(nodeOf(specifier, 'imported')) ?? 'default';
}

/** `import x = require('y')` */
function declareImportEquals(node: SyntaxNode, scope: Scope): void {
  const source = nodeOf(nodeOf(node, 'moduleReference'), 'expression');
  const specifier = source && fieldOf(source, 'value');
  if (typeof specifier === 'string') enter(node, { kind: 'import', specifier, name: '*', scope }, scope);
}
