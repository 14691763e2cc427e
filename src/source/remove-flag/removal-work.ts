import { placeOf, type SyntaxNode } from '../syntax.js';
import type { Folding } from './constant-folding.js';
import type { NameIndex } from './name-index.js';
import type { SyntaxTree } from './syntax-tree.js';
import type { EditDraft } from './text-edits.js';

/** Everything that the steps of one removal share. */
export interface RemovalWork {
  readonly tree: SyntaxTree;
  readonly names: NameIndex;
  readonly folding: Folding;
  readonly draft: EditDraft;
  /** The quotes that texts are written in. */
  readonly quote: string;
  /** Elements of lists that go: arguments, imported names, properties. Their commas go at the end, when all are known. */
  readonly goneElements: Set<SyntaxNode>;
  /** Statements whose parts stand in their place, without braces. */
  readonly unwrapped: Set<SyntaxNode>;
  /** Functions that stay behind a `return`, because they are called before it. */
  readonly keptFunctions: Set<SyntaxNode>;
  readonly leave: (node: SyntaxNode, why: string) => void;
}

/** Takes an element out of the list that it stands in. */
export function removeElement(node: SyntaxNode, { draft, goneElements }: RemovalWork): void {
  goneElements.add(node);
  const { start, end } = placeOf(node);
  draft.remove(start, end);
}

/** Takes the commas of elements that go along, list by list. */
export function removeCommas({ tree, draft, goneElements }: RemovalWork): void {
  const done = new Set<SyntaxNode>();
  for (const element of goneElements) {
    const list = done.has(element) ? [] : siblingsOf(element, tree);
    for (const each of list) done.add(each);
    for (const [first, last] of runsOf(list, goneElements)) {
      const before = list[first - 1];
      const after = list[last + 1];
      const [start, end] = [placeOf(list[first] ?? element).start, placeOf(list[last] ?? element).end];
      if (before !== undefined) draft.remove(placeOf(before).end, end);
      else if (after !== undefined) draft.remove(start, placeOf(after).start);
    }
  }
}

/** The first and last index of each row of neighbours that go. */
function runsOf(list: readonly SyntaxNode[], gone: ReadonlySet<SyntaxNode>): readonly (readonly [number, number])[] {
  const runs: [number, number][] = [];
  for (const [index, element] of list.entries()) {
    if (!gone.has(element)) continue;
    const last = runs.at(-1);
    if (last?.[1] === index - 1) last[1] = index;
    else runs.push([index, index]);
  }
  return runs;
}

/** The list of its parent that a node is an element of. */
function siblingsOf(node: SyntaxNode, tree: SyntaxTree): readonly SyntaxNode[] {
  const parent = tree.parentOf(node);
  const lists = Object.values(parent ?? {}) as readonly unknown[];
  const list = lists.find((each): each is readonly SyntaxNode[] => Array.isArray(each) && each.includes(node));
  return (list ?? []).filter((each) => (each as SyntaxNode | null) !== null);
}
