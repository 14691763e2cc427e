import { isKey } from '../flags/names.js';
import { evaluateExpression, isHalyardPackage } from './evaluate-expression.js';
import type { ReadKind } from './flag-read.js';
import { isFlagReceiver } from './flag-receiver.js';
import { lookUp, type ParameterBinding, type Scope } from './scope.js';
import { type Known, type StaticValue, textsOf, type Written } from './static-value.js';
import { bare, childrenOf, lastName, nodeOf, nodesOf, type SyntaxNode, textOf } from './syntax.js';
import { keysOfDouble } from './testing-kit.js';

/** A function of one's own that takes a flag's key: its last name, and which argument the key is (0-based). */
export interface NamedWrapper {
  readonly name: string;
  readonly argument: number;
}

/** What a search needs to know, and what it has found out. One for each run over a project. */
export interface Search {
  readonly knownKeys: ReadonlySet<string>;
  readonly wrappers: readonly NamedWrapper[];
  readonly known: Known;
  readonly accesses: Map<SyntaxNode, readonly FlagAccess[]>;
  readonly keyParameters: Map<SyntaxNode, number | undefined>;
}

/** That a call has to do with a flag. */
export interface FlagAccess {
  readonly kind: ReadKind;
  readonly key: string | undefined;
  readonly keyNode: SyntaxNode;
}

/** What a call's form says: how it reads a flag, and which expression is the key. */
interface Form {
  readonly kind: ReadKind;
  readonly keyNode: SyntaxNode;
  /** Whether it counts only with a key that is known: nothing else says that it reads a flag. */
  readonly needsKnownKey?: boolean;
}

/** Methods of a Halyard, and of a request's flags. */
const methods: ReadonlyMap<string, ReadKind> = new Map(
  (
    [
      'boolean',
      'string',
      'number',
      'object',
      'details',
      'explain',
      'override',
      'kill',
      'restore',
      'protect',
      'rollout',
    ] as const
  ).map((name) => [name, name]),
);

/** What `halyard/express`, `/koa` and `/nestjs` export that takes a key: which argument it is. */
const guards: ReadonlyMap<string, { readonly kind: ReadKind; readonly argument: number }> = new Map([
  ['killSwitch', { kind: 'guard', argument: 1 }],
  ['requireFlag', { kind: 'guard', argument: 1 }],
  ['KillSwitchGuard', { kind: 'guard', argument: 0 }],
  ['RequireFlagGuard', { kind: 'guard', argument: 0 }],
  ['Flag', { kind: 'decorator', argument: 0 }],
  ['KillSwitch', { kind: 'decorator', argument: 0 }],
  ['RequireFlag', { kind: 'decorator', argument: 0 }],
]);

const openFeatureMethod = /^get(?:Boolean|String|Number|Object)(?:Value|Details)$/;
const openFeatureDecorator = /^(?:Boolean|String|Number|Object)FeatureFlag$/;

/** What a call has to do with flags; most have nothing. */
export function accessesOf(call: SyntaxNode, scope: Scope, search: Search): readonly FlagAccess[] {
  const done = search.accesses.get(call);
  if (done !== undefined) return done;
  const found = [...formsOf(call, scope, search).flatMap((form) => accessesOfForm(form, scope, search))];
  const doubles = keysOfDouble(call, scope, search.known);
  const all = [...found, ...doubles.map(({ key, node }) => ({ kind: 'test' as const, key, keyNode: node }))];
  search.accesses.set(call, all);
  return all;
}

function accessesOfForm({ kind, keyNode, needsKnownKey }: Form, scope: Scope, search: Search): readonly FlagAccess[] {
  const keys = textsOf(evaluateExpression(keyNode, scope, search.known));
  if (keys === undefined) {
    if (needsKnownKey === true || !mayBeText(keyNode) || passesOn(keyNode, scope) !== undefined) return [];
    return [{ kind, key: undefined, keyNode }];
  }
  const wanted = keys.filter((key) => isKey(key) && (needsKnownKey !== true || search.knownKeys.has(key)));
  return wanted.map((key) => ({ kind, key, keyNode }));
}

function formsOf(call: SyntaxNode, scope: Scope, search: Search): readonly Form[] {
  const written = nodeOf(call, 'callee');
  const args = nodesOf(call, 'arguments');
  const [first] = args;
  if (written === undefined || first === undefined) return [];
  const callee = bare(written);
  const name = lastName(callee);
  const wrapper = search.wrappers.find((each) => each.name === name);
  if (wrapper !== undefined) return form('wrapper', args[wrapper.argument]);
  const called = evaluateExpression(callee, scope, search.known);
  if (called?.kind === 'function') return form('wrapper', args[keyParameterOf(called, search) ?? args.length]);
  return exportedForm(called, name, args, scope, search) ?? methodForm(callee, first, scope, search);
}

const form = (kind: ReadKind, keyNode: SyntaxNode | undefined, needsKnownKey = false): readonly Form[] =>
  keyNode === undefined ? [] : [{ kind, keyNode, needsKnownKey }];

/** What a function that was imported reads: a guard or a decorator. */
function exportedForm(
  called: StaticValue | undefined,
  written: string | undefined,
  args: readonly SyntaxNode[],
  scope: Scope,
  search: Search,
): readonly Form[] | undefined {
  const isImported = called?.kind === 'imported';
  if (called !== undefined && !isImported) return undefined;
  const name = called === undefined || called.name === '*' || called.name === 'default' ? written : called.name;
  if (name === undefined) return undefined;
  if (openFeatureDecorator.test(name)) return args.flatMap((arg) => form('decorator', property(arg, 'flagKey')));
  if (name === 'RequireFlagsEnabled') return requiredFlags(args[0]).flatMap((key) => form('decorator', key));
  const guard = guards.get(name);
  if (guard === undefined) return undefined;
  const [halyard] = args;
  const isGiven = guard.argument > 0 && halyard !== undefined && isFlagReceiver(halyard, scope, search.known) === 'yes';
  const isSure = isImported ? isHalyardPackage(called.from) : isGiven;
  return form(guard.kind, args[guard.argument], !isSure);
}

/** `@RequireFlagsEnabled({ flags: [{ flagKey: 'a' }] })` */
function requiredFlags(options: SyntaxNode | undefined): readonly SyntaxNode[] {
  const list = options && property(options, 'flags');
  return nodesOf(list, 'elements').flatMap((each) => property(each, 'flagKey') ?? []);
}

function property(object: SyntaxNode, name: string): SyntaxNode | undefined {
  const found = nodesOf(bare(object), 'properties').find((each) => textOf(nodeOf(each, 'key'), 'name') === name);
  return nodeOf(found, 'value');
}

/** What a method reads: `flags.boolean('a', false)`, `client.getBooleanValue('a', false)`. */
function methodForm(callee: SyntaxNode, first: SyntaxNode, scope: Scope, search: Search): readonly Form[] {
  const object = nodeOf(callee, 'object');
  const name = lastName(callee);
  if (object === undefined || name === undefined) return [];
  if (openFeatureMethod.test(name)) return form('openfeature', first);
  const kind = methods.get(name);
  if (kind === undefined) return [];
  const verdict = isFlagReceiver(object, scope, search.known);
  return verdict === 'no' ? [] : form(kind, first, verdict === 'perhaps');
}

/** Whether an expression whose value isn't known may be a key: not an object, a function, a number. */
function mayBeText(written: SyntaxNode): boolean {
  const node = bare(written);
  if (node.type === 'Identifier') return textOf(node, 'name') !== 'undefined';
  return computed.has(node.type) || (node.type === 'BinaryExpression' && textOf(node, 'operator') === '+');
}

const computed: ReadonlySet<string> = new Set([
  'CallExpression',
  'ConditionalExpression',
  'LogicalExpression',
  'MemberExpression',
  'TemplateLiteral',
]);

/** The parameter that an expression is, of a function that can be called by a name. */
function passesOn(written: SyntaxNode, scope: Scope): ParameterBinding | undefined {
  const node = bare(written);
  const binding = node.type === 'Identifier' ? lookUp(textOf(node, 'name') ?? '', scope) : undefined;
  return binding?.kind === 'parameter' && binding.path.length === 0 && !binding.isCallback ? binding : undefined;
}

/** Which parameter of a function of the project is a flag's key; `undefined`: none. */
function keyParameterOf({ node, scope }: Written<'function'>, search: Search): number | undefined {
  const { keyParameters } = search;
  if (keyParameters.has(node)) return keyParameters.get(node);
  // A function that calls itself is no wrapper for that.
  keyParameters.set(node, undefined);
  const index = nodesOf(node, 'params').length === 0 ? undefined : parameterPassedOn(node, scope, node, search);
  keyParameters.set(node, index);
  return index;
}

/** Looks below a node for a call that passes a parameter of the wrapper on as a flag's key. */
function parameterPassedOn(node: SyntaxNode, outer: Scope, wrapper: SyntaxNode, search: Search): number | undefined {
  const scope = outer.module.scopes.get(node) ?? outer;
  if (node.type === 'CallExpression') {
    for (const { keyNode, needsKnownKey } of formsOf(node, scope, search)) {
      const parameter = needsKnownKey === true ? undefined : passesOn(keyNode, scope);
      if (parameter?.of === wrapper) return parameter.index;
    }
  }
  for (const child of childrenOf(node)) {
    const index = parameterPassedOn(child, scope, wrapper, search);
    if (index !== undefined) return index;
  }
  return undefined;
}
