import {
  fieldOf,
  isClass,
  isFunction,
  lastName,
  memberName,
  nodeOf,
  nodesOf,
  type SyntaxNode,
  textOf,
} from '../syntax.js';
import type { DeclaredName, NameIndex } from './name-index.js';
import { type AnswerValue, onlyResult } from './read-answer.js';
import { isPrivate } from './remove-unused-members.js';
import { isPure } from './side-effects.js';
import { isWithin, type SyntaxTree } from './syntax-tree.js';

/** What stands for an answer: a variable, a function that only gives it, a private member of a class. */
export interface StandIns {
  /** What a use of one is. */
  readonly valueAt: (node: SyntaxNode) => AnswerValue | undefined;
  /** Those that are exported, once all are found. */
  readonly given: readonly GivenAnswer[];
  /**
   * Finds them all, also those that stand for others.
   *
   * @param valueOf what an expression is for certain, if answers have to do with it
   * @param touch told of each use
   */
  readonly find: (valueOf: (node: SyntaxNode) => AnswerValue | undefined, touch: (use: SyntaxNode) => void) => void;
}

/** A variable or function of a module that other files may import, and that always gives the same now. */
export interface GivenAnswer {
  readonly name: DeclaredName;
  readonly declared: SyntaxNode;
  readonly value: boolean;
}

/** What may stand for an answer: the expression that says so, and its uses. */
interface Candidate {
  readonly said: SyntaxNode;
  readonly uses: readonly SyntaxNode[];
  /** `undefined` for a member of a class. */
  readonly name: DeclaredName | undefined;
  /** Whether only `true` and `false` take its place: what is called or read from afar says more than a text. */
  readonly isBoolean: boolean;
}

export function createStandIns(tree: SyntaxTree, names: NameIndex): StandIns {
  const values = new Map<SyntaxNode, AnswerValue>();
  const given: GivenAnswer[] = [];
  return {
    given,
    valueAt: (node) => values.get(node),
    find: (valueOf, touch) => {
      const open = new Set([...variables(tree, names), ...functions(tree, names), ...members(tree)]);
      for (let isChanged = true; isChanged;) {
        isChanged = false;
        for (const candidate of open) {
          const value = valueOf(candidate.said);
          if (value === undefined || typeof value === 'object') continue;
          open.delete(candidate);
          if (candidate.isBoolean && typeof value !== 'boolean') continue;
          const { name } = candidate;
          const declared = name?.declaredBy[0];
          if (name && declared && typeof value === 'boolean' && isExported(name, declared, tree)) {
            given.push({ name, declared, value });
          }
          for (const use of candidate.uses) {
            values.set(use, value);
            touch(use);
          }
          isChanged = true;
        }
      }
    },
  };
}

/** Variables of one name each that never change. */
function variables(tree: SyntaxTree, names: NameIndex): readonly Candidate[] {
  return names.all.flatMap((name): readonly Candidate[] => {
    const [declarator, ...others] = name.declaredBy;
    if (declarator?.type !== 'VariableDeclarator' || others.length > 0) return [];
    const said = nodeOf(declarator, 'init');
    if (said === undefined || nodeOf(declarator, 'id')?.type !== 'Identifier') return [];
    const kind = textOf(tree.parentOf(declarator), 'kind');
    // A `var` is there before it has its value.
    const isSteady = kind === 'const' || (kind === 'let' && !isAssigned(name, tree));
    return isSteady ? [{ said, uses: name.uses, name, isBoolean: false }] : [];
  });
}

/** `const isNew = () => flags.boolean('x', false)`, where it is called. */
function functions(tree: SyntaxTree, names: NameIndex): readonly Candidate[] {
  return names.all.flatMap((name): readonly Candidate[] => {
    const [declared, ...others] = name.declaredBy;
    if (declared === undefined || others.length > 0) return [];
    const isConst = textOf(tree.parentOf(declared), 'kind') === 'const';
    const init = declared.type === 'VariableDeclarator' && isConst ? nodeOf(declared, 'init') : undefined;
    const said = resultOf(declared.type === 'FunctionDeclaration' ? declared : init);
    if (said === undefined || isAssigned(name, tree)) return [];
    const uses = name.uses.flatMap((use) => plainCallOf(use, tree) ?? []);
    return [{ said, uses, name, isBoolean: true }];
  });
}

/** `this.isNew` of a private field, method or getter of the class that it stands in. */
function members(tree: SyntaxTree): readonly Candidate[] {
  const own = tree.nodes.filter((node) => node.type === 'MemberExpression' && isOfThis(node));
  if (own.length === 0) return [];
  return tree.nodes.filter(isClass).flatMap((node) =>
    nodesOf(nodeOf(node, 'body'), 'body').flatMap((member): readonly Candidate[] => {
      const name = memberName(member);
      const value = nodeOf(member, 'value');
      const isStatic = fieldOf(member, 'static') === true;
      if (name === undefined || isStatic || !isPrivate(member) || nodesOf(member, 'decorators').length > 0) return [];
      const isMethod = member.type === 'MethodDefinition';
      const said = isMethod ? resultOf(value) : value;
      if (said === undefined || isMemberAssigned(name, tree)) return [];
      const uses = own.filter((use) => lastName(use) === name && tree.scopeOf(use).within === node);
      const isCalled = isMethod && textOf(member, 'kind') === 'method';
      const places = isCalled ? uses.flatMap((use) => plainCallOf(use, tree) ?? []) : uses;
      return [{ said, uses: places, name: undefined, isBoolean: true }];
    }),
  );
}

const isOfThis = (node: SyntaxNode): boolean => nodeOf(node, 'object')?.type === 'ThisExpression';

function isExported({ uses }: DeclaredName, declared: SyntaxNode, tree: SyntaxTree): boolean {
  const statement = declared.type === 'VariableDeclarator' ? tree.parentOf(declared) : declared;
  const around = statement && tree.parentOf(statement);
  const isByName = uses.some((use) => tree.parentOf(use)?.type === 'ExportSpecifier');
  return isByName || around?.type.startsWith('Export') === true;
}

/** What a function gives at once, if it takes nothing. */
function resultOf(node: SyntaxNode | undefined): SyntaxNode | undefined {
  if (node === undefined || !isFunction(node) || nodesOf(node, 'params').length > 0) return undefined;
  return fieldOf(node, 'async') === true || fieldOf(node, 'generator') === true ? undefined : onlyResult(node);
}

/** The call of what an expression is, if its arguments do nothing. */
function plainCallOf(callee: SyntaxNode, tree: SyntaxTree): SyntaxNode | undefined {
  const call = tree.parentOf(callee);
  const isCall = call?.type === 'CallExpression' && nodeOf(call, 'callee') === callee;
  return isCall && nodesOf(call, 'arguments').every((each) => isPure(each)) ? call : undefined;
}

const isAssigned = ({ uses }: DeclaredName, tree: SyntaxTree): boolean => uses.some((use) => isChangedAt(use, tree));

/** By its name, whatever it is a member of. */
const isMemberAssigned = (name: string, tree: SyntaxTree): boolean =>
  tree.nodes.some((node) => node.type === 'MemberExpression' && lastName(node) === name && isChangedAt(node, tree));

/** Whether what stands somewhere gets another value there. */
function isChangedAt(use: SyntaxNode, tree: SyntaxTree): boolean {
  for (let at = use, up = tree.parentOf(use); up !== undefined; at = up, up = tree.parentOf(up)) {
    if (up.type === 'UpdateExpression' || textOf(up, 'operator') === 'delete') return true;
    if (up.type === 'AssignmentExpression' || up.type === 'ForOfStatement' || up.type === 'ForInStatement') {
      const left = nodeOf(up, 'left');
      return left !== undefined && isWithin(at, left);
    }
    if (up.type.endsWith('Statement')) return false;
  }
  return false;
}
