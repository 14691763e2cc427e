import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml';

type Path = readonly (string | number)[];

/** A way through a syntax tree by the paths of the plain data that it stands for. */
export interface YamlTree {
  /** Whether the path leads to something. */
  has(path: Path): boolean;
  /** Where the key or list item is that the path leads to, or the nearest around it that exists. Counts characters from 0. */
  offsetOf(path: Path): number;
  /** What the path leads to. */
  valueAt(path: Path): unknown;
}

interface Step {
  /** What to point at. */
  readonly at: unknown;
  readonly value: unknown;
}

export function createYamlTree(document: Document): YamlTree {
  const aliases = new Map<Alias, unknown>();
  const indexes = new Map<YAMLMap, ReadonlyMap<string, Pair>>();

  const resolve = (node: unknown): unknown => {
    if (!isAlias(node)) return node;
    if (!aliases.has(node)) aliases.set(node, node.resolve(document));
    return aliases.get(node);
  };
  const indexOf = (map: YAMLMap): ReadonlyMap<string, Pair> => {
    const known = indexes.get(map);
    if (known !== undefined) return known;
    const index = new Map(
      map.items.flatMap((pair) =>
        isScalar(pair.key) && typeof pair.key.value !== 'symbol' ? [[String(pair.key.value), pair] as const] : [],
      ),
    );
    indexes.set(map, index);
    return index;
  };
  const entryOf = (map: YAMLMap, name: string): Step | undefined => {
    const pair = indexOf(map).get(name);
    if (pair !== undefined) return { at: pair.key, value: pair.value };
    for (const { key, value } of map.items) {
      if (!isScalar(key) || typeof key.value !== 'symbol') continue;
      const merged = resolve(value);
      for (const source of isSeq(merged) ? merged.items.map(resolve) : [merged]) {
        const step = isMap(source) ? entryOf(source, name) : undefined;
        if (step !== undefined) return step;
      }
    }
    return undefined;
  };
  const child = (node: unknown, step: string | number): Step | undefined => {
    const parent = resolve(node);
    if (isMap(parent)) return entryOf(parent, String(step));
    const item: unknown = isSeq(parent) && typeof step === 'number' ? parent.items[step] : undefined;
    return item === undefined ? undefined : { at: item, value: item };
  };
  const follow = (path: Path): { readonly step: Step; readonly isWhole: boolean } => {
    let step: Step = { at: document.contents, value: document.contents };
    for (const name of path) {
      const next = child(step.value, name);
      if (next === undefined) return { step, isWhole: false };
      step = next;
    }
    return { step, isWhole: true };
  };
  return {
    has: (path) => follow(path).isWhole,
    offsetOf: (path) => startOf(follow(path).step.at),
    valueAt: (path) => {
      const { step, isWhole } = follow(path);
      return isWhole ? resolve(step.value) : undefined;
    },
  };
}

function startOf(node: unknown): number {
  return isNode(node) ? ((node as Node).range?.[0] ?? 0) : 0;
}
