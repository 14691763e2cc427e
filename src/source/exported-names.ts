import { fieldOf, lastName, nameOfKey, nodeOf, nodesOf, type SyntaxNode, textOf } from './syntax.js';

/** What a file gives to others. */
export interface Exports {
  readonly names: ReadonlyMap<string, Export>;
  /** Files all of whose names are given on: `export * from`. */
  readonly stars: readonly string[];
}

export type Export =
  | { readonly kind: 'local'; readonly name: string }
  | { readonly kind: 'expression'; readonly node: SyntaxNode }
  /** Of another file; `*` is all of it. */
  | { readonly kind: 'from'; readonly specifier: string; readonly name: string };

/** Reads the exports of an ES module, and of a CommonJS module that says `module.exports = …` or `exports.a = …`. */
export function exportedNames(program: SyntaxNode): Exports {
  const names = new Map<string, Export>();
  const stars: string[] = [];
  for (const statement of nodesOf(program, 'body')) {
    switch (statement.type) {
      case 'ExportNamedDeclaration':
        for (const [name, exported] of namedExports(statement)) names.set(name, exported);
        break;
      case 'ExportDefaultDeclaration': {
        const node = nodeOf(statement, 'declaration');
        if (node !== undefined) names.set('default', { kind: 'expression', node });
        break;
      }
      case 'ExportAllDeclaration': {
        const specifier = sourceOf(statement);
        const name = nameOfKey(nodeOf(statement, 'exported'));
        if (specifier === undefined) break;
        if (name === undefined) stars.push(specifier);
        else names.set(name, { kind: 'from', specifier, name: '*' });
        break;
      }
      case 'TSExportAssignment':
      case 'ExpressionStatement':
        for (const [name, node] of commonExport(nodeOf(statement, 'expression'), statement.type)) {
          names.set(name, { kind: 'expression', node });
        }
        break;
      default:
    }
  }
  return { names, stars };
}

function namedExports(statement: SyntaxNode): readonly (readonly [string, Export])[] {
  const declaration = nodeOf(statement, 'declaration');
  if (declaration !== undefined) return declaredNames(declaration).map((name) => [name, { kind: 'local', name }]);
  const specifier = sourceOf(statement);
  return nodesOf(statement, 'specifiers').flatMap((each): readonly (readonly [string, Export])[] => {
    const exported = nameOfKey(nodeOf(each, 'exported'));
    // `export * as keys from` of some parsers.
    const name = each.type === 'ExportNamespaceSpecifier' ? '*' : nameOfKey(nodeOf(each, 'local'));
    if (exported === undefined || name === undefined) return [];
    return [[exported, specifier === undefined ? { kind: 'local', name } : { kind: 'from', specifier, name }]];
  });
}

function declaredNames(declaration: SyntaxNode): readonly string[] {
  if (declaration.type !== 'VariableDeclaration') return [textOf(nodeOf(declaration, 'id'), 'name') ?? []].flat();
  return nodesOf(declaration, 'declarations').flatMap((each) => namesIn(nodeOf(each, 'id')));
}

function namesIn(pattern: SyntaxNode | undefined): readonly string[] {
  if (pattern?.type === 'Identifier') return [textOf(pattern, 'name') ?? []].flat();
  return nodesOf(pattern, 'properties').flatMap((property) => namesIn(nodeOf(property, 'value')));
}

function commonExport(
  expression: SyntaxNode | undefined,
  statement: string,
): readonly (readonly [name: string, node: SyntaxNode])[] {
  if (expression === undefined) return [];
  if (statement === 'TSExportAssignment') return [['default', expression]];
  if (expression.type !== 'AssignmentExpression') return [];
  const left = nodeOf(expression, 'left');
  const right = nodeOf(expression, 'right');
  const object = nodeOf(left, 'object');
  const name = left && lastName(left);
  if (right === undefined || object === undefined || name === undefined) return [];
  if (lastName(object) === 'module' && name === 'exports') return [['default', right]];
  return lastName(object) === 'exports' ? [[name, right]] : [];
}

function sourceOf(statement: SyntaxNode): string | undefined {
  const source = nodeOf(statement, 'source');
  const value = source && fieldOf(source, 'value');
  return typeof value === 'string' ? value : undefined;
}
