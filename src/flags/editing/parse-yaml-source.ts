import { type Document, type Pair, isScalar, parseDocument } from 'yaml';

/** Reads YAML for editing: as it is read for flags, with the tokens that tell where everything stands. */
export function parseYamlSource(text: string): Document.Parsed {
  return parseDocument(text, {
    version: '1.2',
    schema: 'core',
    merge: true,
    keepSourceTokens: true,
    prettyErrors: false,
    logLevel: 'silent',
  });
}

/** `<<: *base` takes in the entries of another mapping. In quotes it is a name like others. */
export function isMergePair({ key }: Pair): boolean {
  // The schema reads it as a symbol, so that it differs from a name.
  return isScalar(key) && typeof key.value === 'symbol' && key.value.description === '<<';
}
