import { isAlias, isMap, isScalar, isSeq, type Pair } from 'yaml';

export interface YamlInspection {
  /** How many nodes the text has once its aliases and merge keys are spelled out. */
  readonly expandedSize: number;
  readonly findings: readonly YamlFinding[];
}

export interface YamlFinding {
  readonly offset: number;
  readonly message: string;
}

interface Walk {
  readonly sizes: Map<string, number>;
  readonly findings: YamlFinding[];
}

/**
 * Looks a syntax tree over before it is turned into plain data: keys that plain data can't have, aliases of nothing
 * or of themselves, and how large the data would be.
 */
export function inspectYaml(contents: unknown): YamlInspection {
  const walk: Walk = { sizes: new Map(), findings: [] };
  const expandedSize = sizeOf(contents, walk);
  return { expandedSize, findings: walk.findings };
}

/** In the text's order, so that an alias finds the last anchor before it. */
function sizeOf(node: unknown, walk: Walk): number {
  if (isAlias(node)) {
    const size = walk.sizes.get(node.source);
    if (size === undefined)
      walk.findings.push({
        offset: offsetOf(node),
        message: `\`*${node.source}\` names nothing that is complete before it.`,
      });
    return size ?? 1;
  }
  let size = 1;
  if (isMap(node)) {
    inspectKeys(node.items, walk);
    for (const { key, value } of node.items) size += sizeOf(key, walk) + sizeOf(value, walk);
  } else if (isSeq(node)) {
    for (const item of node.items) size += sizeOf(item, walk);
  }
  if ((isMap(node) || isSeq(node) || isScalar(node)) && node.anchor !== undefined) walk.sizes.set(node.anchor, size);
  return size;
}

function inspectKeys(pairs: readonly Pair[], walk: Walk): void {
  findRepeatedKeys(pairs, walk);
  let others: Set<string> | undefined;
  for (const { key, value } of pairs) {
    if (isScalar(key) && typeof key.value === 'string' && others === undefined) continue;
    const offset = offsetOf(key) || offsetOf(value);
    const message = whyNoKey(key);
    if (message !== undefined) walk.findings.push({ offset, message });
    if (!isScalar(key) || typeof key.value === 'symbol') continue;
    others ??= new Set(
      pairs.flatMap((pair) => (isScalar(pair.key) && typeof pair.key.value === 'string' ? [pair.key.value] : [])),
    );
    if (typeof key.value === 'string') continue;
    const name = String(key.value);
    if (others.has(name))
      walk.findings.push({ offset, message: `the key \`${name}\` is here twice, once in quotes. Keep one of them.` });
    others.add(name);
  }
}

/** The package's own look for them compares each key with all before it: seconds, where there are ten thousand flags. */
function findRepeatedKeys(pairs: readonly Pair[], walk: Walk): void {
  const seen = new Set<unknown>();
  for (const { key } of pairs) {
    if (!isScalar(key) || key.value === null) continue;
    if (seen.has(key.value)) {
      walk.findings.push({ offset: offsetOf(key), message: 'this key is here twice. Keep one of them.' });
    }
    seen.add(key.value);
  }
}

function whyNoKey(key: unknown): string | undefined {
  if (!isScalar(key)) return 'a key must be a text.';
  const { value, source } = key;
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'symbol') return undefined;
  if (typeof value === 'number') {
    return source === undefined || source === String(value)
      ? undefined
      : `this key is a number that would be written ${value}. Quote it: "${source}".`;
  }
  return 'a key must be a text, and this one is empty. Quote it if it is meant to be a text.';
}

function offsetOf(node: unknown): number {
  return isAlias(node) || isMap(node) || isSeq(node) || isScalar(node) ? (node.range?.[0] ?? 0) : 0;
}
