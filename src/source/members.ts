import type { Scope } from './scope.js';
import type { StaticValue, Written } from './static-value.js';
import { bare, lastName, memberName, nodeOf, nodesOf, type SyntaxNode, textOf } from './syntax.js';

/** What a member was written as. */
interface Member {
  readonly node: SyntaxNode | undefined;
  readonly annotation: SyntaxNode | undefined;
  readonly scope: Scope;
}

type Evaluate = (node: SyntaxNode, scope: Scope) => StaticValue | undefined;

/** Finds a member of an object, class, instance or enumeration, also where it is spread or inherited. */
export function memberOf(value: StaticValue, name: string, evaluate: Evaluate): Member | undefined {
  switch (value.kind) {
    case 'object':
      return propertyOf(value.node, value.scope, name, evaluate);
    case 'enum': {
      const member = enumMembers(value.node).find((each) => memberName(each) === name);
      return member && { node: nodeOf(member, 'initializer'), annotation: undefined, scope: value.scope };
    }
    case 'class':
    case 'instance':
      return classMember(value, name, evaluate);
    default:
      return undefined;
  }
}

/** The names of all members of an object or an enumeration; `undefined` if they can't be told. */
export function allMembers(value: StaticValue, evaluate: Evaluate): readonly string[] | undefined {
  if (value.kind === 'enum') return enumMembers(value.node).flatMap((member) => memberName(member) ?? []);
  if (value.kind !== 'object') return undefined;
  const names = nodesOf(value.node, 'properties').map((property): readonly string[] | undefined => {
    if (property.type !== 'SpreadElement') {
      const name = memberName(property);
      return name === undefined ? undefined : [name];
    }
    const argument = nodeOf(property, 'argument');
    const spread = argument && evaluate(argument, value.scope);
    return spread && allMembers(spread, evaluate);
  });
  return names.every((some) => some !== undefined) ? [...new Set(names.flat())] : undefined;
}

function propertyOf(object: SyntaxNode, scope: Scope, name: string, evaluate: Evaluate): Member | undefined {
  for (const property of nodesOf(object, 'properties').toReversed()) {
    if (property.type === 'SpreadElement') {
      const argument = nodeOf(property, 'argument');
      const spread = argument && evaluate(argument, scope);
      const member = spread && memberOf(spread, name, evaluate);
      if (member !== undefined) return member;
    } else if (memberName(property) === name) {
      return { node: nodeOf(property, 'value'), annotation: undefined, scope };
    }
  }
  return undefined;
}

/** Whether an object has members that can't be told. */
export function isOpen(object: SyntaxNode): boolean {
  return nodesOf(object, 'properties').some((each) => each.type === 'SpreadElement' || memberName(each) === undefined);
}

const enumMembers = (node: SyntaxNode): readonly SyntaxNode[] => {
  const members = nodesOf(nodeOf(node, 'body'), 'members');
  return members.length > 0 ? members : nodesOf(node, 'members');
};

function classMember(
  { node, scope }: Written<'class'> | Written<'instance'>,
  name: string,
  evaluate: Evaluate,
): Member | undefined {
  const members = nodesOf(nodeOf(node, 'body'), 'body');
  const inside = scope.module.scopes.get(node) ?? scope;
  const own = members.find((member) => memberName(member) === name && nodeOf(member, 'value')?.type !== overload);
  if (own !== undefined) {
    return { node: nodeOf(own, 'value'), annotation: nodeOf(own, 'typeAnnotation'), scope: inside };
  }
  const parameter = parameterProperty(members, name);
  if (parameter !== undefined)
    return { node: undefined, annotation: nodeOf(parameter, 'typeAnnotation'), scope: inside };
  const assigned = assignedInConstructor(members, name);
  if (assigned !== undefined) {
    return { node: assigned.value, annotation: undefined, scope: scope.module.scopes.get(assigned.within) ?? inside };
  }
  const superClass = nodeOf(node, 'superClass');
  const base = superClass && evaluate(superClass, scope);
  return base && memberOf(base, name, evaluate);
}

const overload = 'TSEmptyBodyFunctionExpression';

const constructorOf = (members: readonly SyntaxNode[]): SyntaxNode | undefined => {
  const found = members.find(
    (each) => textOf(each, 'kind') === 'constructor' && nodeOf(each, 'value')?.type !== overload,
  );
  return nodeOf(found, 'value');
};

/** `constructor(private readonly halyard: Halyard)` */
function parameterProperty(members: readonly SyntaxNode[], name: string): SyntaxNode | undefined {
  return nodesOf(constructorOf(members), 'params').flatMap((written) => {
    const parameter = nodeOf(written, 'parameter');
    const pattern = parameter?.type === 'AssignmentPattern' ? nodeOf(parameter, 'left') : parameter;
    return pattern !== undefined && textOf(pattern, 'name') === name ? pattern : [];
  })[0];
}

/** `this.halyard = halyard` among the constructor's statements. */
function assignedInConstructor(
  members: readonly SyntaxNode[],
  name: string,
): { readonly value: SyntaxNode; readonly within: SyntaxNode } | undefined {
  const body = nodeOf(constructorOf(members), 'body');
  if (body === undefined) return undefined;
  for (const statement of nodesOf(body, 'body')) {
    const assignment = nodeOf(statement, 'expression');
    const left = nodeOf(assignment, 'left');
    if (left === undefined || nodeOf(left, 'object')?.type !== 'ThisExpression' || lastName(left) !== name) continue;
    const right = nodeOf(assignment, 'right');
    if (right !== undefined) return { value: bare(right), within: body };
  }
  return undefined;
}
