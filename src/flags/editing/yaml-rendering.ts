import { Document } from 'yaml';

/** How new YAML is written into a text that somebody else began. */
export interface YamlStyle {
  /** How many spaces a level is indented by. */
  readonly step: number;
}

/** The widest collection that is written on one line, in characters. */
const inlineWidth = 80;

/** `key: value`, on as many lines as it takes, without indentation. */
export function renderPair(key: string, value: unknown, style: YamlStyle, preferInline = false): readonly string[] {
  const name = renderScalar(key);
  const inline = renderInline(value, preferInline);
  if (inline !== undefined) return [`${name}: ${inline}`];
  return [`${name}:`, ...indent(renderBlock(value, style), style.step)];
}

/** `- value`, on as many lines as it takes, without indentation. */
export function renderItem(value: unknown, style: YamlStyle, preferInline = false): readonly string[] {
  const inline = renderInline(value, preferInline);
  const [first = '', ...rest] = inline === undefined ? renderBlock(value, style) : [inline];
  return [`- ${first}`, ...indent(rest, 2)];
}

/**
 * The value on one line; `undefined` if it needs several: a wide collection, or one that holds more than a glance takes in.
 *
 * @param preferInline what is not wide is on one line, because it was.
 */
export function renderInline(value: unknown, preferInline: boolean): string | undefined {
  if (!isCollection(value)) return renderScalar(value);
  if (Object.keys(value).length > 0 && !preferInline && !isSimple(value)) return undefined;
  const text = renderFlow(value);
  return text.length <= inlineWidth ? text : undefined;
}

/** A list of scalars, or a mapping to scalars and to lists of them, or of simple mappings such as a rollout's stages. */
function isSimple(value: object): boolean {
  if (Array.isArray(value)) return !value.some(isCollection);
  return Object.values(value).every(
    (part: unknown) => !isCollection(part) || (Array.isArray(part) && part.every(isFlat)),
  );
}

function isFlat(value: unknown): boolean {
  return !isCollection(value) || !Object.values(value).some(isCollection);
}

function isCollection(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

export function indent(lines: readonly string[], spaces: number): readonly string[] {
  return lines.map((line) => `${' '.repeat(spaces)}${line}`);
}

/** The lines of a collection that is not empty, without indentation. */
export function renderBlock(value: unknown, style: YamlStyle): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item: unknown) => renderItem(item, style));
  return Object.entries(value as Readonly<Record<string, unknown>>)
    .filter(([, part]) => part !== undefined)
    .flatMap(([key, part]) => renderPair(key, part, style));
}

/** `[a, b]` and `{ a: 1, b: 2 }`. */
function renderFlow(value: unknown): string {
  if (typeof value !== 'object' || value === null) return renderScalar(value, 'flow');
  if (Array.isArray(value)) return `[${value.map(renderFlow).join(', ')}]`;
  const parts = Object.entries(value as Readonly<Record<string, unknown>>)
    .filter(([, part]) => part !== undefined)
    .map(([key, part]) => `${renderScalar(key, 'flow')}: ${renderFlow(part)}`);
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`;
}

/** Written as an item of a list, where everything is quoted that a list or a mapping would misread. */
function renderScalar(value: unknown, style: 'flow' | 'block' = 'block'): string {
  const isMisread =
    typeof value === 'string' && (value === '<<' || /[\n\r\u0085\u2028\u2029]|\p{Surrogate}/u.test(value));
  if (isMisread) return JSON.stringify(value);
  const list = new Document([value]).toString({ lineWidth: 0, collectionStyle: style, flowCollectionPadding: false });
  return style === 'flow' ? list.slice('['.length, -']\n'.length) : list.slice('- '.length, -'\n'.length);
}
