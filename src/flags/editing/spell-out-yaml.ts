import { type Document, type Pair, type YAMLMap, isAlias, isCollection, isMap, isNode, isScalar, visit } from 'yaml';
import { isMergePair, parseYamlSource } from './parse-yaml-source.js';

/**
 * The same YAML without anchors, aliases and merge keys, and with the document, its flags and each flag written line by
 * line instead of in braces. Comments stay. `undefined` if it can't be read.
 */
export function spellOut(text: string): string | undefined {
  const document = parseYamlSource(text);
  if (document.errors.length > 0) return undefined;
  replaceAliases(document);
  visit(document, {
    Map: (_key, map) => {
      map.items = map.items.flatMap((pair) =>
        isMergePair(pair) && isMap(pair.value) ? merged(pair.value, map) : [pair],
      );
    },
  });
  visit(document, {
    Collection: (_key, node, path) => {
      if (path.filter(isCollection).length < 3) node.flow = false;
    },
  });
  return document.toString({ lineWidth: 0 });
}

function replaceAliases(document: Document.Parsed): void {
  visit(document, {
    Alias: (_key, alias) => {
      const anchored = alias.resolve(document)?.clone();
      if (!isNode(anchored)) return undefined;
      return Object.assign(anchored, { comment: alias.comment, commentBefore: alias.commentBefore });
    },
  });
  visit(document, {
    Node: (_key, node) => {
      if (!isAlias(node)) delete node.anchor;
    },
  });
}

/** What a mapping takes in from another: what it doesn't say itself. */
function merged(from: YAMLMap, into: YAMLMap): readonly Pair[] {
  const names = new Set(into.items.map(nameOf));
  return from.items.filter((pair) => !names.has(nameOf(pair)));
}

function nameOf({ key }: Pair): string {
  return isScalar(key) ? String(key.value) : '';
}
