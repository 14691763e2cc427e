/** The JSON Schema of the flag document, made from the TypeScript types and their comments, so that they cannot drift. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createGenerator } from 'ts-json-schema-generator';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

export function createFlagDocumentSchema() {
  const schema = createGenerator({
    path: join(root, 'src/flags/flag-document.ts'),
    tsconfig: join(root, 'tsconfig.json'),
    type: 'FlagDocument',
    skipTypeCheck: true,
    additionalProperties: false,
  }).createSchema('FlagDocument');
  Object.values(schema.definitions).forEach(freeOnlyExtensions);
  refuseNestedAttributes(schema.definitions.WrittenMapping);
  const { flags, segments } = schema.definitions.FlagDocument.properties;
  for (const named of [flags, segments]) named.propertyNames = { pattern: '^[A-Za-z0-9][A-Za-z0-9._/-]{0,127}$' };
  return { title: 'Halyard flag document', description: schema.definitions.FlagDocument.description, ...schema };
}

/** The generator reads the index signature for `x-…` as "any key"; a misspelt key shall be marked in the editor. */
function freeOnlyExtensions(definition) {
  const extension = definition.additionalProperties;
  if (!extension?.description?.includes('`x-`')) return;
  definition.patternProperties = { '^x-': extension };
  definition.additionalProperties = false;
}

/**
 * TypeScript wants the index signature of attributes to hold the types of `any`, `all` and `not` too. An attribute has
 * values only; and what has an operator is a comparison, not a mapping of attributes.
 */
function refuseNestedAttributes(mapping) {
  const scalar = { $ref: '#/definitions/Scalar' };
  mapping.additionalProperties = { anyOf: [scalar, { type: 'array', items: scalar }] };
  const all = (...names) => ({ properties: Object.fromEntries(names.map((name) => [name, {}])), required: names });
  mapping.not = { anyOf: [all('operator'), all('attribute', 'value')] };
}
