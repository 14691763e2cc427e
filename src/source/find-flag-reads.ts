import { accessesOf, type NamedWrapper, type Search } from './flag-access.js';
import { asksForAnswer, type FlagBranch, type FlagRead } from './flag-read.js';
import { leaves } from './leaves.js';
import { lookUp, type Scope } from './scope.js';
import { readModule, type SourceModule } from './source-module.js';
import { childrenOf, isFunction, isWrapping, nodeOf, nodesOf, placeOf, type SyntaxNode, textOf } from './syntax.js';

export interface FindOptions {
  /** The keys of the flags that there are. With one of these a method such as `boolean` counts on anything unknown. */
  readonly knownKeys?: Iterable<string> | undefined;
  /** Functions that take a flag's key and can't be recognised. Those of the same project are, without being named. */
  readonly wrappers?: readonly NamedWrapper[] | undefined;
}

/** Finds reads in one module after another. What it has found out about one, it uses for the next. */
export type FlagFinder = (module: SourceModule) => readonly FlagRead[];

/**
 * Where one file reads flags, in the order of its text. Of its imports nothing is known but their names; for a project,
 * read its files with `readModule` and give them to one `createFlagFinder`.
 *
 * @param program an ESTree-shaped tree with places: of espree, typescript-eslint, or Babel's parser with `estree`
 */
export function findFlagReads(program: SyntaxNode, options: FindOptions = {}): readonly FlagRead[] {
  return createFlagFinder(options)(readModule(program));
}

export function createFlagFinder({ knownKeys = [], wrappers = [] }: FindOptions): FlagFinder {
  const search: Search = {
    knownKeys: new Set(knownKeys),
    wrappers,
    known: new Map(),
    accesses: new Map(),
    keyParameters: new Map(),
  };
  return (module) => {
    const reads: FlagRead[] = [];
    const walk: Walk = { search, found: (read) => reads.push(read) };
    visit(module.program, { scope: module.root, inside: [], isTest: false }, walk);
    return reads.toSorted((a, b) => a.start - b.start);
  };
}

interface Walk {
  readonly search: Search;
  readonly found: (read: FlagRead) => void;
}

/** Where the walk is. */
interface At {
  readonly scope: Scope;
  readonly inside: readonly FlagBranch[];
  /** Whether the node decides as it stands. */
  readonly isTest: boolean;
}

function visit(node: SyntaxNode | undefined, outer: At, walk: Walk): void {
  if (node === undefined) return;
  const scope = outer.scope.module.scopes.get(node) ?? outer.scope;
  const at = { ...outer, scope, isTest: false };
  if (node.type === 'CallExpression') report(node, outer, walk);
  switch (node.type) {
    case 'IfStatement':
    case 'ConditionalExpression':
      visitBranches(node, at, walk);
      break;
    case 'LogicalExpression':
      visitLogical(node, { ...at, isTest: outer.isTest }, walk);
      break;
    case 'SwitchStatement':
      visitSwitch(node, at, walk);
      break;
    case 'Program':
    case 'BlockStatement':
    case 'StaticBlock':
      visitSequence(nodesOf(node, 'body'), at, walk);
      break;
    case 'SwitchCase':
      visit(nodeOf(node, 'test'), at, walk);
      visitSequence(nodesOf(node, 'consequent'), at, walk);
      break;
    default: {
      const test = loops.has(node.type) ? nodeOf(node, 'test') : undefined;
      const isDeciding = (outer.isTest && isTransparent(node)) || textOf(node, 'operator') === '!';
      for (const child of childrenOf(node)) visit(child, { ...at, isTest: isDeciding || child === test }, walk);
    }
  }
}

const loops: ReadonlySet<string> = new Set(['WhileStatement', 'DoWhileStatement', 'ForStatement']);

function report(node: SyntaxNode, { scope, inside, isTest }: At, { search, found }: Walk): void {
  for (const { kind, key, keyNode } of accessesOf(node, scope, search)) {
    const others = inside.filter(({ flagKey }) => flagKey !== key);
    found({ ...placeOf(node), key, kind, node, keyNode, isCondition: isTest, inside: others });
  }
}

function visitBranches(node: SyntaxNode, at: At, walk: Walk): void {
  const test = nodeOf(node, 'test');
  const keys = test === undefined ? [] : keysAskedIn(test, at.scope, walk.search);
  visit(test, { ...at, isTest: true }, walk);
  visit(nodeOf(node, 'consequent'), within(at, keys, 'consequent'), walk);
  visit(nodeOf(node, 'alternate'), within(at, keys, 'alternate'), walk);
}

function visitLogical(node: SyntaxNode, at: At, walk: Walk): void {
  const left = nodeOf(node, 'left');
  const operator = textOf(node, 'operator');
  const keys = left === undefined || operator === '??' ? [] : keysAskedIn(left, at.scope, walk.search);
  // `a && b()` decides on a, wherever it stands.
  visit(left, { ...at, isTest: operator !== '??' }, walk);
  visit(nodeOf(node, 'right'), within(at, keys, operator === '&&' ? 'consequent' : 'alternate'), walk);
}

function visitSwitch(node: SyntaxNode, at: At, walk: Walk): void {
  const discriminant = nodeOf(node, 'discriminant');
  const keys = discriminant === undefined ? [] : keysAskedIn(discriminant, at.scope, walk.search);
  visit(discriminant, { ...at, isTest: true }, walk);
  for (const each of nodesOf(node, 'cases')) visit(each, within(at, keys, 'consequent'), walk);
}

/** Statements, each of which stands in what those before it have left over: after `if (a) return`, a's alternate. */
function visitSequence(statements: readonly SyntaxNode[], start: At, walk: Walk): void {
  let at = start;
  for (const statement of statements) {
    visit(statement, at, walk);
    if (statement.type !== 'IfStatement') continue;
    const isEndedBy = (branch: 'consequent' | 'alternate'): boolean => leaves(nodeOf(statement, branch));
    const left = isEndedBy('consequent') ? 'alternate' : isEndedBy('alternate') ? 'consequent' : undefined;
    const test = nodeOf(statement, 'test');
    if (left !== undefined && test !== undefined) at = within(at, keysAskedIn(test, at.scope, walk.search), left);
  }
}

function within(at: At, keys: readonly string[], branch: FlagBranch['branch']): At {
  if (keys.length === 0) return at;
  return { ...at, inside: [...at.inside, ...keys.map((flagKey) => ({ flagKey, branch }))] };
}

/** The flags whose answers a test asks for: in itself, and through one local constant or decorated parameter. */
function keysAskedIn(test: SyntaxNode, scope: Scope, search: Search): readonly string[] {
  const keys = new Set<string>();
  const ask = (node: SyntaxNode): void => {
    if (isFunction(node)) return;
    if (node.type === 'CallExpression') addKeys(node, scope, search, keys);
    if (node.type === 'Identifier') addKeysOfName(node, scope, search, keys);
    for (const child of childrenOf(node)) ask(child);
  };
  ask(test);
  return [...keys];
}

function addKeys(call: SyntaxNode, scope: Scope, search: Search, keys: Set<string>): void {
  for (const { kind, key } of accessesOf(call, scope, search)) {
    if (key !== undefined && asksForAnswer(kind)) keys.add(key);
  }
}

function addKeysOfName(name: SyntaxNode, scope: Scope, search: Search, keys: Set<string>): void {
  const binding = lookUp(textOf(name, 'name') ?? '', scope);
  if (binding?.kind === 'variable' && binding.isConst && binding.init !== undefined) {
    addKeysOfAnswer(binding.init, binding.scope, search, keys);
  }
  // Nest's `@Flag('a', false) isNew: boolean`.
  if (binding?.kind !== 'parameter') return;
  for (const decorator of binding.decorators) {
    const call = nodeOf(decorator, 'expression');
    if (call?.type === 'CallExpression') addKeys(call, binding.scope, search, keys);
  }
}

/** Of a constant's value only what the flag answered, not what was computed by it. */
function addKeysOfAnswer(node: SyntaxNode, scope: Scope, search: Search, keys: Set<string>): void {
  if (node.type === 'CallExpression') addKeys(node, scope, search, keys);
  else if (isTransparent(node) || node.type === 'LogicalExpression' || node.type === 'UnaryExpression') {
    for (const child of childrenOf(node)) addKeysOfAnswer(child, scope, search, keys);
  }
}

/** Whether a node gives on what an answer decides: `await x`, `x === 'a'`, `x.value`. */
function isTransparent(node: SyntaxNode): boolean {
  return isWrapping(node) || node.type === 'BinaryExpression' || node.type === 'MemberExpression';
}
