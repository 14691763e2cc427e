import { fieldOf, isWrapping, lastName, nodeOf, type SyntaxNode } from '../syntax.js';
import type { NameIndex } from './name-index.js';
import type { AnswerObject, AnswerValue, ReadAnswer } from './read-answer.js';
import { isPure, literalOf, operatorOf } from './side-effects.js';
import { createStandIns, type GivenAnswer } from './stand-ins.js';
import type { SyntaxTree } from './syntax-tree.js';

/** A value that an expression has for certain, without doing anything else. */
export interface Constant {
  readonly value: AnswerValue;
}

/** What follows from the answers of flags that are settled. */
export interface Folding {
  /** Whether answers have to do with a node, or with anything in it. */
  readonly isTouched: (node: SyntaxNode) => boolean;
  readonly constantOf: (node: SyntaxNode) => Constant | undefined;
  /** Whether a node counts as true, where nothing but that is asked; `undefined`: it can't be told. */
  readonly truthOf: (node: SyntaxNode) => boolean | undefined;
  /** Whether a node is `true` or `false`, and never another value that counts as one of them. */
  readonly isBoolean: (node: SyntaxNode) => boolean;
  /** What other files are given of an answer. */
  readonly given: readonly GivenAnswer[];
  /** The answer of a read itself. */
  readonly answerAt: (node: SyntaxNode) => ReadAnswer | undefined;
}

export function createFolding(
  tree: SyntaxTree,
  names: NameIndex,
  answers: ReadonlyMap<SyntaxNode, ReadAnswer>,
): Folding {
  const touched = new Set<SyntaxNode>();
  const touch = (node: SyntaxNode): void => {
    for (let at: SyntaxNode | undefined = node; at !== undefined && !touched.has(at); at = tree.parentOf(at)) {
      touched.add(at);
    }
  };
  for (const node of answers.keys()) touch(node);
  const standIns = createStandIns(tree, names);
  const isTouched = (node: SyntaxNode): boolean => touched.has(node);
  const valueAt = (node: SyntaxNode): Constant | undefined => {
    const answer = answers.get(node);
    if (answer?.value !== undefined && !answer.isPromise) return { value: answer.value };
    const value = standIns.valueAt(node);
    return value === undefined ? undefined : { value };
  };
  const rules = createRules(valueAt, answers);
  standIns.find((node) => (isTouched(node) ? rules.constantOf(node)?.value : undefined), touch);
  return { ...rules, isTouched, given: standIns.given, answerAt: (node) => answers.get(node) };
}

type Rules = Pick<Folding, 'constantOf' | 'truthOf' | 'isBoolean'>;

function createRules(
  valueAt: (node: SyntaxNode) => Constant | undefined,
  answers: ReadonlyMap<SyntaxNode, ReadAnswer>,
): Rules {
  const constantOf = (node: SyntaxNode): Constant | undefined => {
    const known = valueAt(node);
    if (known !== undefined) return known;
    const literal = literalOf(node);
    if (literal !== undefined) return { value: literal };
    if (node.type === 'AwaitExpression') return awaited(node);
    if (isWrapping(node)) return through(nodeOf(node, 'expression'));
    switch (node.type) {
      case 'UnaryExpression':
        return negated(node);
      case 'BinaryExpression':
        return compared(node);
      case 'LogicalExpression':
        return joined(node) ?? truthValue(node);
      case 'ConditionalExpression':
        return through(chosenBranch(node));
      case 'MemberExpression':
        return memberValue(node);
      default:
        return undefined;
    }
  };
  const through = (node: SyntaxNode | undefined): Constant | undefined => node && constantOf(node);
  const isKnown = (node: SyntaxNode): boolean => answers.has(node);

  const awaited = (node: SyntaxNode): Constant | undefined => {
    const argument = nodeOf(node, 'argument');
    const answer = argument && answers.get(argument);
    return answer?.value === undefined ? through(argument) : { value: answer.value };
  };
  const negated = (node: SyntaxNode): Constant | undefined => {
    const argument = nodeOf(node, 'argument');
    if (operatorOf(node) !== '!') return minus(node, through(argument));
    const truth = argument && truthOf(argument);
    return truth === undefined ? undefined : { value: !truth };
  };
  const compared = (node: SyntaxNode): Constant | undefined => {
    const [left, right] = [through(nodeOf(node, 'left')), through(nodeOf(node, 'right'))];
    return left === undefined || right === undefined ? undefined : compare(operatorOf(node), left.value, right.value);
  };
  const joined = (node: SyntaxNode): Constant | undefined => {
    const left = through(nodeOf(node, 'left'));
    if (left === undefined) return undefined;
    return decides(operatorOf(node), left.value) ? left : through(nodeOf(node, 'right'));
  };
  const truthValue = (node: SyntaxNode): Constant | undefined => {
    const truth = operatorOf(node) !== '??' && isBoolean(node) ? truthOf(node) : undefined;
    return truth === undefined ? undefined : { value: truth };
  };
  const memberValue = (node: SyntaxNode): Constant | undefined => {
    const object = through(nodeOf(node, 'object'))?.value;
    const name = lastName(node);
    if (name === undefined || typeof object !== 'object' || object === null || Array.isArray(object)) return undefined;
    const value = Object.hasOwn(object, name) ? (object as AnswerObject)[name] : undefined;
    return value === undefined ? undefined : { value };
  };
  const chosenBranch = (node: SyntaxNode): SyntaxNode | undefined => {
    const test = nodeOf(node, 'test');
    const truth = test && truthOf(test);
    return truth === undefined ? undefined : nodeOf(node, truth ? 'consequent' : 'alternate');
  };

  const truthOf = (node: SyntaxNode): boolean | undefined => {
    if (node.type === 'LogicalExpression' && operatorOf(node) !== '??') return joinedTruth(node);
    if (node.type === 'ConditionalExpression') {
      const branch = chosenBranch(node);
      return branch && truthOf(branch);
    }
    if (isWrapping(node) && node.type !== 'AwaitExpression') {
      const inner = nodeOf(node, 'expression');
      return inner && truthOf(inner);
    }
    const constant = constantOf(node);
    return constant && Boolean(constant.value);
  };
  const joinedTruth = (node: SyntaxNode): boolean | undefined => {
    const [left, right] = [nodeOf(node, 'left'), nodeOf(node, 'right')];
    if (left === undefined || right === undefined) return undefined;
    const absorbing = operatorOf(node) === '||';
    const leftTruth = truthOf(left);
    if (leftTruth === absorbing) return absorbing;
    const rightTruth = truthOf(right);
    if (leftTruth !== undefined) return rightTruth;
    return rightTruth === absorbing && isPure(left, isKnown) ? absorbing : undefined;
  };

  const isBoolean = (node: SyntaxNode): boolean => {
    const known = valueAt(node)?.value ?? literalOf(node);
    if (known !== undefined) return typeof known === 'boolean';
    switch (node.type) {
      case 'UnaryExpression':
        return operatorOf(node) === '!' || operatorOf(node) === 'delete';
      case 'BinaryExpression':
        return comparing.has(operatorOf(node));
      case 'LogicalExpression':
        return [nodeOf(node, 'left'), nodeOf(node, 'right')].every((side) => side !== undefined && isBoolean(side));
      case 'ConditionalExpression':
        return [nodeOf(node, 'consequent'), nodeOf(node, 'alternate')].every(
          (side) => side !== undefined && isBoolean(side),
        );
      case 'AwaitExpression':
        return typeof awaited(node)?.value === 'boolean';
      default: {
        const inner = isWrapping(node) ? nodeOf(node, 'expression') : undefined;
        return inner !== undefined && isBoolean(inner);
      }
    }
  };
  return { constantOf, truthOf, isBoolean };
}

/** Whether the left side of `&&`, `||` or `??` is all that counts. */
export function decides(operator: string, left: AnswerValue): boolean {
  if (operator === '??') return left !== null;
  return operator === '||' ? Boolean(left) : !left;
}

function minus(node: SyntaxNode, argument: Constant | undefined): Constant | undefined {
  return operatorOf(node) === '-' && typeof argument?.value === 'number' && fieldOf(node, 'prefix') !== false
    ? { value: -argument.value }
    : undefined;
}

const comparing: ReadonlySet<string> = new Set(['===', '!==', '==', '!=', '<', '<=', '>', '>=', 'in', 'instanceof']);

function compare(operator: string, left: AnswerValue, right: AnswerValue): Constant | undefined {
  if (typeof left === 'object' || typeof right === 'object') return compareObject(operator, left, right);
  // What is of another type is compared by rules that nobody wants to be certain of.
  const isSameType = typeof left === typeof right;
  switch (operator) {
    case '===':
    case '!==':
      return { value: (left === right) === (operator === '===') };
    case '==':
    case '!=':
      return isSameType ? { value: (left === right) === (operator === '==') } : undefined;
    default:
      return isSameType && typeof left !== 'boolean' && typeof right !== 'boolean'
        ? order(operator, left, right)
        : undefined;
  }
}

/** Objects are compared with nothing here but `null`. */
function compareObject(operator: string, left: AnswerValue, right: AnswerValue): Constant | undefined {
  if (left !== null && right !== null) return undefined;
  if (!['===', '!==', '==', '!='].includes(operator)) return undefined;
  return { value: (left === right) === operator.startsWith('=') };
}

function order(operator: string, left: string | number, right: string | number): Constant | undefined {
  switch (operator) {
    case '<':
      return { value: left < right };
    case '<=':
      return { value: left <= right };
    case '>':
      return { value: left > right };
    case '>=':
      return { value: left >= right };
    default:
      return undefined;
  }
}
