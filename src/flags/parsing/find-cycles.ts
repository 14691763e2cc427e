export interface Cycles {
  /** Closed paths, such as `[a, b, a]`. Together they go through every member, as long as there are few cycles. */
  readonly paths: readonly (readonly string[])[];
  /** All nodes that are part of a cycle. */
  readonly members: ReadonlySet<string>;
  /** All nodes that were reached, each after those that it leads to (except in cycles). */
  readonly order: readonly string[];
}

type Next = (node: string) => readonly string[];

/**
 * The cycles of a directed graph: its strongly connected components by Tarjan's algorithm, with a stack of its own,
 * so that a long chain is no problem. https://en.wikipedia.org/wiki/Tarjan%27s_strongly_connected_components_algorithm
 */
export function findCycles(nodes: Iterable<string>, next: Next): Cycles {
  const paths: (readonly string[])[] = [];
  const members = new Set<string>();
  const order: string[] = [];
  const budget = { steps: 1_000_000 };
  for (const component of components(nodes, next)) {
    order.push(...component);
    const [only] = component;
    if (component.length === 1 && only !== undefined && !next(only).includes(only)) continue;
    const inside = new Set(component);
    const covered = new Set<string>();
    for (const member of inside) {
      members.add(member);
      const path = covered.has(member) ? undefined : shortestCycle(member, inside, next, budget);
      if (path === undefined) continue;
      paths.push(path);
      for (const node of path) covered.add(node);
    }
  }
  return { paths, members, order };
}

interface Visit {
  readonly node: string;
  readonly next: readonly string[];
  at: number;
}

function components(nodes: Iterable<string>, next: Next): readonly (readonly string[])[] {
  const found: string[][] = [];
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const open: string[] = [];
  const isOpen = new Set<string>();
  const enter = (node: string): Visit => {
    low.set(node, index.size);
    index.set(node, index.size);
    open.push(node);
    isOpen.add(node);
    return { node, next: next(node), at: 0 };
  };
  const lower = (node: string, to: number | undefined): void => {
    low.set(node, Math.min(low.get(node) ?? 0, to ?? Infinity));
  };
  for (const root of nodes) {
    if (index.has(root)) continue;
    const visits = [enter(root)];
    for (let visit = visits.at(-1); visit !== undefined; visit = visits.at(-1)) {
      const { node } = visit;
      const to = visit.next[visit.at++];
      if (to !== undefined) {
        if (!index.has(to)) visits.push(enter(to));
        else if (isOpen.has(to)) lower(node, index.get(to));
        continue;
      }
      visits.pop();
      const around = visits.at(-1);
      if (around !== undefined) lower(around.node, low.get(node));
      if (low.get(node) !== index.get(node)) continue;
      const component = open.splice(open.lastIndexOf(node));
      for (const member of component) isOpen.delete(member);
      found.push(component);
    }
  }
  return found;
}

/** Breadth first. `undefined` once the budget is spent. */
function shortestCycle(
  start: string,
  inside: ReadonlySet<string>,
  next: Next,
  budget: { steps: number },
): readonly string[] | undefined {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const node of queue) {
    for (const to of next(node)) {
      if (--budget.steps < 0) return undefined;
      if (to === start) return closedPath(start, node, cameFrom);
      if (!inside.has(to) || cameFrom.has(to)) continue;
      cameFrom.set(to, node);
      queue.push(to);
    }
  }
  return undefined;
}

function closedPath(start: string, last: string, cameFrom: ReadonlyMap<string, string>): readonly string[] {
  const path = [start];
  for (let node: string | undefined = last; node !== undefined && node !== start; node = cameFrom.get(node))
    path.push(node);
  return [...path, start].reverse();
}
