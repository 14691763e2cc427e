import { indent, renderPair, type YamlStyle } from './editing/yaml-rendering.js';
import type { FlagDocument, WrittenFlag } from './flag-document.js';

/**
 * A document as a text. The keys of the document and of each flag come in the order in which people write them; flags,
 * variants and everything inside keep theirs.
 */
export function writeFlagDocument(document: FlagDocument, format: 'yaml' | 'json'): string {
  const flags = Object.fromEntries(
    Object.entries(document.flags).map(([key, flag]) => [key, inOrder(flag, flagNames)]),
  );
  const ordered = inOrder({ ...document, flags }, documentNames);
  return format === 'json' ? `${JSON.stringify(ordered, undefined, 2)}\n` : `${yamlLines(ordered).join('\n')}\n`;
}

/** The names that a type knows, so that none is forgotten. */
type Named<Written> = { readonly [Name in keyof Written as Name extends `x-${string}` ? never : Name]-?: true };

const documentNames: Named<FlagDocument> = { $schema: true, version: true, flags: true, segments: true };

const flagNames: Named<WrittenFlag> = {
  description: true,
  kind: true,
  owner: true,
  ticket: true,
  created: true,
  expires: true,
  tags: true,
  enabled: true,
  clientSafe: true,
  variants: true,
  offVariant: true,
  requires: true,
  targets: true,
  rules: true,
  by: true,
  seed: true,
  serve: true,
  rollout: true,
  split: true,
  breaker: true,
  metadata: true,
};

function inOrder(written: object, names: object): Readonly<Record<string, unknown>> {
  const entries: readonly [string, unknown][] = Object.entries(written);
  const place = new Map(Object.keys(names).map((name, index) => [name, index]));
  const placeOf = ([name]: readonly [string, unknown]): number => place.get(name) ?? place.size;
  return Object.fromEntries(entries.toSorted((a, b) => placeOf(a) - placeOf(b)));
}

const style: YamlStyle = { step: 2 };

function yamlLines(document: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(document).flatMap(([name, value]) => {
    const entries = name === 'flags' ? Object.entries(value as object) : [];
    if (entries.length === 0) return value === undefined ? [] : renderPair(name, value, style);
    const blocks = entries.map(([key, flag]) => indent(renderPair(key, flag, style), style.step));
    return [`${name}:`, ...spaced(blocks)];
  });
}

/** With a blank line before and after what takes several. */
function spaced(blocks: readonly (readonly string[])[]): readonly string[] {
  return blocks.flatMap((lines, index) => {
    const before = blocks[index - 1];
    const isApart = before !== undefined && (before.length > 1 || lines.length > 1);
    return isApart ? ['', ...lines] : lines;
  });
}
