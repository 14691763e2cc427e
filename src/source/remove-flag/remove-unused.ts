import { fieldOf, nodeOf, nodesOf, placeOf, type SyntaxNode, textOf } from '../syntax.js';
import { type DeclaredName, identifiersIn } from './name-index.js';
import { type RemovalWork, removeElement } from './removal-work.js';
import { removeStatement } from './remove-statement.js';
import { isPlainValue } from './side-effects.js';
import { isWithin } from './syntax-tree.js';

/** Removes what was used before, and isn't any more: imports, functions, classes, constants, types. Repeats until all is used. */
export function removeUnused(work: RemovalWork): void {
  const open = new Set(work.names.all);
  for (let isChanged = true; isChanged;) {
    isChanged = false;
    for (const name of open) {
      if (!isUnusedNow(name, work)) continue;
      open.delete(name);
      isChanged = removeDeclarations(name, work) || isChanged;
    }
  }
}

function isUnusedNow({ uses, declaredBy, name }: DeclaredName, { draft, tree }: RemovalWork): boolean {
  const fromOutside = uses.filter((use) => !declaredBy.some((node) => isWithin(use, node)));
  const isAllGone = fromOutside.length > 0 && fromOutside.every((use) => draft.isGone(placeOf(use)));
  // What JSX is compiled to may call it.
  const isImplicit = /^(?:React|h|Fragment)$/.test(name) && tree.nodes.some(({ type }) => type.startsWith('JSX'));
  const isThere = declaredBy.some((node) => !draft.isGone(placeOf(nodeOf(node, 'id') ?? node)));
  return isAllGone && !isImplicit && isThere;
}

function removeDeclarations(name: DeclaredName, work: RemovalWork): boolean {
  const steps = name.declaredBy.map((node) => removalOf(node, name, work));
  if (!steps.every((step) => typeof step === 'function')) {
    const why = steps.find((step) => typeof step === 'string');
    if (typeof why === 'string' && name.declaredBy[0] !== undefined) work.leave(name.declaredBy[0], why);
    return false;
  }
  for (const step of steps) step();
  return true;
}

/** How a declaration is removed; why it isn't, if somebody should know; `undefined` if it stays without a word. */
function removalOf(node: SyntaxNode, name: DeclaredName, work: RemovalWork): (() => void) | string | undefined {
  const parent = work.tree.parentOf(node);
  switch (node.type) {
    case 'ImportSpecifier':
    case 'ImportDefaultSpecifier':
    case 'ImportNamespaceSpecifier':
      return () => removeSpecifier(node, work);
    case 'ClassDeclaration':
    case 'FunctionDeclaration':
    case 'TSDeclareFunction':
    case 'TSEnumDeclaration':
    case 'TSImportEqualsDeclaration':
    case 'TSInterfaceDeclaration':
    case 'TSTypeAliasDeclaration':
      return isExport(parent) ? undefined : () => removeStatement(node, work);
    case 'VariableDeclarator':
      return isExport(parent && work.tree.parentOf(parent)) ? undefined : variableRemoval(node, name, work);
    default:
      return undefined;
  }
}

const isExport = (node: SyntaxNode | undefined): boolean => node?.type.startsWith('Export') === true;

function removeSpecifier(node: SyntaxNode, work: RemovalWork): void {
  const declaration = work.tree.parentOf(node);
  const others = nodesOf(declaration, 'specifiers').filter((each) => each !== node && !work.goneElements.has(each));
  if (declaration === undefined) return;
  removeElement(node, work);
  if (others.length === 0) removeStatement(declaration, work);
  else if (others.every(({ type }) => type === 'ImportDefaultSpecifier')) removeBraces(declaration, others, work);
}

/** `import a, { b } from` without b. */
function removeBraces(declaration: SyntaxNode, [kept]: readonly SyntaxNode[], { tree, draft }: RemovalWork): void {
  const source = nodeOf(declaration, 'source');
  if (kept === undefined || source === undefined) return;
  const { end } = placeOf(kept);
  const from = tree.text.slice(end, placeOf(source).start).lastIndexOf('from');
  draft.remove(end, end + from);
  draft.replace(end, end, ' ');
}

function variableRemoval(node: SyntaxNode, name: DeclaredName, work: RemovalWork): (() => void) | string | undefined {
  const { tree, folding, goneElements } = work;
  const declaration = tree.parentOf(node);
  const list = declaration && tree.parentOf(declaration);
  if (declaration === undefined || list?.type.startsWith('For') === true) return undefined;
  const init = nodeOf(node, 'init');
  const isAnswer = init !== undefined && folding.isTouched(init) && folding.constantOf(init) !== undefined;
  const isPlain = init === undefined || isAnswer || isPlainValue(init);
  const pattern = nodeOf(node, 'id');
  if (pattern?.type === 'ObjectPattern') {
    const part = partOf(pattern, name, work);
    if (part === 'last') return isPlain ? () => removeDeclarator(node, declaration, work) : nameless(node, name, work);
    return part && (() => removeElement(part, work));
  }
  if (pattern?.type !== 'Identifier') return unusedValue(name);
  if (goneElements.has(node)) return undefined;
  return isPlain ? () => removeDeclarator(node, declaration, work) : nameless(node, name, work);
}

const unusedValue = ({ name }: DeclaredName): string =>
  `\`${name}\` is not used any more; what makes its value may do something else, so look at it yourself.`;

/** Leaves of `const a = start();` the call: that may do more than give a value. */
function nameless(node: SyntaxNode, name: DeclaredName, work: RemovalWork): (() => void) | string {
  const { tree, draft } = work;
  const declaration = tree.parentOf(node);
  const init = nodeOf(node, 'init');
  const isAlone = nodesOf(declaration, 'declarations').length === 1;
  if (declaration === undefined || init === undefined || !isAlone || !isCalling.has(init.type))
    return unusedValue(name);
  const { start } = placeOf(init);
  if (!/^(?!async\b|function\b|class\b|let\b)[\p{L}_$]/u.test(tree.text.slice(start))) return unusedValue(name);
  return () => {
    draft.remove(placeOf(declaration).start, start);
    work.leave(init, `Nobody uses what this gives any more: remove it, too, if it does nothing else.`);
  };
}

const isCalling: ReadonlySet<string> = new Set(['AwaitExpression', 'CallExpression', 'NewExpression']);

/** What of a destructuring pattern takes a name; `last`: nothing else is left of it. */
function partOf(
  pattern: SyntaxNode,
  { name }: DeclaredName,
  { goneElements }: RemovalWork,
): SyntaxNode | 'last' | undefined {
  const properties = nodesOf(pattern, 'properties');
  // What isn't taken by name is in the rest.
  if (properties.some(({ type }) => type === 'RestElement')) return undefined;
  const own = properties.find((each) => {
    const value = nodeOf(each, 'value');
    return identifiersIn(value).some((one) => textOf(one, 'name') === name) && value?.type !== 'ObjectPattern';
  });
  if (own === undefined || fieldOf(own, 'computed') === true) return undefined;
  return properties.some((each) => each !== own && !goneElements.has(each)) ? own : 'last';
}

function removeDeclarator(node: SyntaxNode, declaration: SyntaxNode, work: RemovalWork): void {
  const declarators = nodesOf(declaration, 'declarations');
  removeElement(node, work);
  if (declarators.every((each) => work.goneElements.has(each))) removeStatement(declaration, work);
}
