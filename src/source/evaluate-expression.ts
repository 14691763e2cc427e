import { allMembers, memberOf } from './members.js';
import { lookUp, type Binding, type Scope } from './scope.js';
import type { Export } from './exported-names.js';
import type { SourceModule } from './source-module.js';
import { type Known, type StaticValue, textsOf } from './static-value.js';
import { bare, fieldOf, isClass, isFunction, lastName, nodeOf, nodesOf, type SyntaxNode, textOf } from './syntax.js';

/** What an expression is, as far as this can be told from constants, imports, types and what is made of what. */
export function evaluateExpression(written: SyntaxNode, scope: Scope, known: Known): StaticValue | undefined {
  const node = bare(written);
  if (isFunction(node)) return { kind: 'function', node, scope };
  if (isClass(node)) return { kind: 'class', node, scope };
  switch (node.type) {
    case 'Literal': {
      const value = fieldOf(node, 'value');
      return typeof value === 'string' ? { kind: 'text', text: value } : { kind: 'other' };
    }
    case 'TemplateLiteral':
      return templateText(node, scope, known);
    case 'Identifier': {
      const binding = lookUp(textOf(node, 'name') ?? '', scope);
      return binding && evaluateBinding(binding, known);
    }
    case 'ThisExpression':
      return scope.within && { kind: 'instance', node: scope.within, scope };
    case 'ObjectExpression':
      return { kind: 'object', node, scope };
    case 'ArrayExpression':
      return allOf('list', nodesOf(node, 'elements'), scope, known);
    case 'ConditionalExpression':
      return allOf('choice', [nodeOf(node, 'consequent'), nodeOf(node, 'alternate')], scope, known);
    case 'LogicalExpression':
      return allOf('choice', [nodeOf(node, 'left'), nodeOf(node, 'right')], scope, known);
    case 'MemberExpression':
      return evaluateMember(node, scope, known);
    case 'CallExpression':
      return evaluateCall(node, scope, known);
    case 'NewExpression':
      return made(evaluateField(node, 'callee', scope, known));
    case 'ImportExpression':
      return requested(nodeOf(node, 'source'), scope, known);
    default:
      return undefined;
  }
}

function evaluateField(node: SyntaxNode, field: string, scope: Scope, known: Known): StaticValue | undefined {
  const child = nodeOf(node, field);
  return child && evaluateExpression(child, scope, known);
}

function allOf(
  kind: 'list' | 'choice',
  nodes: readonly (SyntaxNode | undefined)[],
  scope: Scope,
  known: Known,
): StaticValue | undefined {
  const values = nodes.map((node) => node && evaluateExpression(node, scope, known));
  return values.every((value) => value !== undefined) ? { kind, of: values } : undefined;
}

function templateText(node: SyntaxNode, scope: Scope, known: Known): StaticValue | undefined {
  const quasis = nodesOf(node, 'quasis').map((quasi) => textOf(fieldOf(quasi, 'value') as SyntaxNode, 'cooked') ?? '');
  const filled = nodesOf(node, 'expressions').map((each) => {
    const value = evaluateExpression(each, scope, known);
    return value?.kind === 'text' ? value.text : undefined;
  });
  if (filled.includes(undefined)) return undefined;
  return { kind: 'text', text: quasis.map((quasi, index) => quasi + (filled[index] ?? '')).join('') };
}

function evaluateMember(node: SyntaxNode, scope: Scope, known: Known): StaticValue | undefined {
  const object = evaluateField(node, 'object', scope, known);
  const property = nodeOf(node, 'property');
  if (object === undefined || property === undefined) return undefined;
  const isComputed = fieldOf(node, 'computed') === true;
  const names = isComputed ? textsOf(evaluateExpression(property, scope, known)) : [lastName(node)];
  if (names === undefined) return undefined;
  const members = names.map((name) => (name === undefined ? undefined : readMember(object, name, known)));
  if (members.length === 1) return members[0];
  return members.every((member) => member !== undefined) ? { kind: 'choice', of: members } : undefined;
}

/** A member of a value: of an object, an enumeration, a class, a module or a package. */
export function readMember(value: StaticValue, name: string, known: Known): StaticValue | undefined {
  switch (value.kind) {
    case 'namespace':
      return evaluateExport(value.module, name, known);
    case 'imported':
      if (value.name === '*') return { kind: 'imported', from: value.from, name };
      // An interoperable default export is all that CommonJS exports.
      return { kind: 'imported', from: value.from, name: value.name === 'default' ? name : value.name };
    case 'made':
      return value;
    case 'text':
    case 'list':
    case 'choice':
    case 'function':
    case 'other':
      return undefined;
    default: {
      const member = memberOf(value, name, (node, scope) => evaluateExpression(node, scope, known));
      if (member === undefined) return undefined;
      if (member.annotation !== undefined) {
        const typed = evaluateType(member.annotation, member.scope, known);
        if (typed !== undefined) return typed;
      }
      return member.node && evaluateExpression(member.node, member.scope, known);
    }
  }
}

function evaluateCall(node: SyntaxNode, scope: Scope, known: Known): StaticValue | undefined {
  const callee = nodeOf(node, 'callee');
  if (callee === undefined) return undefined;
  const [argument] = nodesOf(node, 'arguments');
  const path = [nodeOf(callee, 'object'), callee].map((part) => part && lastName(part)).join('.');
  if (path === '.require') return requested(argument, scope, known);
  if (argument !== undefined && path === 'Object.freeze') return evaluateExpression(argument, scope, known);
  if (argument !== undefined && path === 'Object.values') return valuesOf(argument, scope, known);
  const called = evaluateExpression(callee, scope, known);
  if (called?.kind === 'function') {
    const type = nodeOf(called.node, 'returnType');
    return type && evaluateType(type, called.scope, known);
  }
  // What a method of a package's object returns may be anything: `container.resolve(Halyard)`.
  return called?.kind === 'class' || (callee.type !== 'Identifier' && !isHalyards(called)) ? undefined : made(called);
}

const isHalyards = (value: StaticValue | undefined): boolean =>
  (value?.kind === 'imported' || value?.kind === 'made') && isHalyardPackage(value.from);

/** Whether an import is of this package. */
export const isHalyardPackage = (specifier: string): boolean =>
  specifier === 'halyard' || specifier.startsWith('halyard/');

function made(of: StaticValue | undefined): StaticValue | undefined {
  if (of?.kind === 'class') return { ...of, kind: 'instance' };
  return of?.kind === 'imported' || of?.kind === 'made' ? { ...of, kind: 'made' } : undefined;
}

function valuesOf(argument: SyntaxNode, scope: Scope, known: Known): StaticValue | undefined {
  const object = evaluateExpression(argument, scope, known);
  const evaluate = (node: SyntaxNode, at: Scope) => evaluateExpression(node, at, known);
  const names = object && allMembers(object, evaluate);
  if (object === undefined || names === undefined) return undefined;
  const values = names.map((name) => readMember(object, name, known));
  return values.every((value) => value !== undefined) ? { kind: 'list', of: values } : undefined;
}

function requested(source: SyntaxNode | undefined, scope: Scope, known: Known): StaticValue | undefined {
  const value = source && evaluateExpression(source, scope, known);
  return value?.kind === 'text' ? evaluateImport(scope.module, value.text, '*', known) : undefined;
}

function evaluateBinding(binding: Binding, known: Known): StaticValue | undefined {
  if (known.has(binding)) return known.get(binding);
  // What leads back to itself can't be told.
  known.set(binding, undefined);
  const value = evaluateDeclared(binding, known);
  known.set(binding, value);
  return value;
}

function evaluateDeclared(binding: Binding, known: Known): StaticValue | undefined {
  switch (binding.kind) {
    case 'import':
      return evaluateImport(binding.scope.module, binding.specifier, binding.name, known);
    case 'function':
    case 'class':
    case 'enum':
      return { kind: binding.kind, node: binding.node, scope: binding.scope };
    case 'variable':
    case 'parameter':
      return evaluateVariable(binding, known);
    case 'unknown':
      return undefined;
  }
}

function evaluateVariable(
  binding: Binding & { kind: 'variable' | 'parameter' },
  known: Known,
): StaticValue | undefined {
  const { annotation, each, path, scope } = binding;
  const typed = annotation && evaluateType(annotation, scope, known);
  if (typed !== undefined) return typed;
  if (each !== undefined) {
    const list = evaluateExpression(each, scope, known);
    return list?.kind === 'list' ? { kind: 'choice', of: list.of } : undefined;
  }
  if (binding.kind === 'parameter' || !binding.isConst || binding.init === undefined) return undefined;
  let value = evaluateExpression(binding.init, scope, known);
  for (const name of path) value &&= readMember(value, name, known);
  return value;
}

function evaluateImport(module: SourceModule, specifier: string, name: string, known: Known): StaticValue | undefined {
  // What Halyard exports is known by name, also where its own source is at hand.
  const linked = isHalyardPackage(specifier) ? undefined : module.link(specifier);
  if (linked === undefined) {
    return specifier.startsWith('.') ? undefined : { kind: 'imported', from: specifier, name };
  }
  return name === '*' ? { kind: 'namespace', module: linked } : evaluateExport(linked, name, known);
}

function evaluateExport(
  module: SourceModule,
  name: string,
  known: Known,
  asked: readonly SourceModule[] = [],
): StaticValue | undefined {
  if (asked.includes(module)) return undefined;
  const exported = module.exports.names.get(name);
  if (exported !== undefined) return evaluateExported(module, exported, known);
  // What CommonJS exports is an object, and its members are imported by their names; `default` may be all of it.
  const whole = module.exports.names.get('default');
  const all = whole?.kind === 'expression' ? evaluateExpression(whole.node, module.root, known) : undefined;
  if (all?.kind === 'object') {
    const member = readMember(all, name, known);
    if (member !== undefined) return member;
  }
  if (name === 'default') return { kind: 'namespace', module };
  for (const specifier of module.exports.stars) {
    const linked = module.link(specifier);
    if (linked === undefined && isHalyardPackage(specifier)) return { kind: 'imported', from: specifier, name };
    const value = linked && evaluateExport(linked, name, known, [...asked, module]);
    if (value !== undefined) return value;
  }
  return undefined;
}

function evaluateExported(module: SourceModule, exported: Export, known: Known): StaticValue | undefined {
  switch (exported.kind) {
    case 'local': {
      const binding = module.root.names.get(exported.name);
      return binding && evaluateBinding(binding, known);
    }
    case 'expression':
      return evaluateExpression(exported.node, module.root, known);
    case 'from':
      return evaluateImport(module, exported.specifier, exported.name, known);
  }
}

/** What a value of a type is: an instance of a class, or of what a package declares. */
function evaluateType(annotation: SyntaxNode, scope: Scope, known: Known): StaticValue | undefined {
  const type = annotation.type === 'TSTypeAnnotation' ? nodeOf(annotation, 'typeAnnotation') : annotation;
  if (type?.type === 'TSUnionType') {
    const some = nodesOf(type, 'types').filter((each) => !isNothing(each));
    return some.length === 1 && some[0] !== undefined ? evaluateType(some[0], scope, known) : undefined;
  }
  if (type?.type !== 'TSTypeReference') return undefined;
  const name = textOf(nodeOf(type, 'typeName'), 'name');
  if (name === 'Promise' || name === 'Readonly') {
    const [inner] = nodesOf(nodeOf(type, 'typeArguments') ?? nodeOf(type, 'typeParameters'), 'params');
    return inner && evaluateType(inner, scope, known);
  }
  const binding = name === undefined ? undefined : lookUp(name, scope);
  return binding && made(evaluateBinding(binding, known));
}

const isNothing = ({ type }: SyntaxNode): boolean => type === 'TSUndefinedKeyword' || type === 'TSNullKeyword';
