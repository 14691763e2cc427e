import type { Scope } from '../scope.js';
import type { SourceModule } from '../source-module.js';
import { nodeOf, nodesOf, placeOf, type SyntaxNode } from '../syntax.js';

/** A module's tree that can be walked upwards, types and all. */
export interface SyntaxTree {
  readonly module: SourceModule;
  readonly text: string;
  /** Every node, outer ones before what is in them. */
  readonly nodes: readonly SyntaxNode[];
  readonly parentOf: (node: SyntaxNode) => SyntaxNode | undefined;
  /** Where the names of a node mean something. */
  readonly scopeOf: (node: SyntaxNode) => Scope;
}

export function readTree(module: SourceModule, text: string): SyntaxTree {
  const nodes: SyntaxNode[] = [];
  const parents = new Map<SyntaxNode, SyntaxNode>();
  const scopes = new Map<SyntaxNode, Scope>();
  const visit = (node: SyntaxNode, outer: Scope): void => {
    const scope = module.scopes.get(node) ?? outer;
    nodes.push(node);
    scopes.set(node, scope);
    for (const child of everyChildOf(node)) {
      parents.set(child, node);
      visit(child, scope);
    }
  };
  visit(module.program, module.root);
  return {
    module,
    text,
    nodes,
    parentOf: (node) => parents.get(node),
    scopeOf: (node) => scopes.get(node) ?? module.root,
  };
}

/** Fields that lead back, or hold no part of the program. */
const skipped: ReadonlySet<string> = new Set([
  'parent',
  'loc',
  'range',
  'extra',
  'tokens',
  'comments',
  'leadingComments',
  'trailingComments',
  'innerComments',
]);

/** Every node directly below one, types among them. */
export function everyChildOf(node: SyntaxNode): readonly SyntaxNode[] {
  return Object.keys(node).flatMap((field) => {
    if (skipped.has(field)) return [];
    const single = nodeOf(node, field);
    return single === undefined ? nodesOf(node, field) : [single];
  });
}

/** Whether `inner` stands in `outer`, or is it. */
export function isWithin(inner: SyntaxNode, outer: SyntaxNode): boolean {
  const [a, b] = [placeOf(inner), placeOf(outer)];
  return b.start <= a.start && a.end <= b.end;
}
