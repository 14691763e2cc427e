import { type Document, isScalar, LineCounter, parseDocument, type YAMLError } from 'yaml';
import { inspectYaml, type YamlFinding } from './inspect-yaml.js';
import { lossyUnits } from './lossy-units.js';
import { createYamlTree } from './yaml-tree.js';

type Path = readonly (string | number)[];

/** Lines and columns count from 1. */
interface Place {
  readonly line: number;
  readonly column: number;
}

export interface YamlProblem extends Place {
  readonly path: Path;
  readonly message: string;
}

/** A YAML text, read. */
export interface YamlText {
  readonly isReadable: boolean;
  readonly value: unknown;
  readonly problems: readonly YamlProblem[];
  /** Whether the path leads to something in the text. */
  has(path: Path): boolean;
  /** The place of the key or list item, or of the nearest around it that exists. */
  locate(path: Path): Place;
}

/** How many nodes a text may stand for once its aliases and merge keys are spelled out. */
const MAX_EXPANDED_NODES = 10_000_000;

/** Reads YAML 1.2 in its core schema, with merge keys. Throws a RangeError if the text is nested too deeply. */
export function parseYaml(text: string): YamlText {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    merge: true,
    prettyErrors: false,
    // Found below, in linear time.
    uniqueKeys: false,
    lineCounter: lines,
    // 'silent' would also keep quiet about a second document.
    logLevel: 'error',
  });
  const tree = createYamlTree(document);
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const result = toPlainData(document);
  const units = 'value' in result ? lossyUnits(result.value, tree) : [];
  const problems = [
    ...('findings' in result ? result.findings : []).map(({ offset, message }) => ({
      path: [],
      message,
      ...placeOf(offset),
    })),
    ...units.map(({ path, source, number }) => ({
      path,
      message: `this unit is the number ${number}, but it is written ${source}. Quote it: "${source}".`,
      ...placeOf(tree.offsetOf(path)),
    })),
  ];
  return {
    isReadable: 'value' in result,
    value: 'value' in result ? result.value : undefined,
    problems,
    has: (path) => tree.has(path),
    locate: (path) => placeOf(tree.offsetOf(path)),
  };
}

function toPlainData(
  document: Document.Parsed,
): { readonly value: unknown } | { readonly findings: readonly YamlFinding[] } {
  const { contents, errors } = document;
  if (errors.length > 0)
    return { findings: errors.map((error) => ({ offset: error.pos[0], message: syntaxMessage(error) })) };
  if (contents === null || (isScalar(contents) && contents.value === null)) {
    return { findings: [{ offset: 0, message: 'the text is empty. Write `version: 1` and `flags: {}`.' }] };
  }
  const { findings, expandedSize } = inspectYaml(contents);
  if (findings.length > 0) return { findings };
  const tooLarge = {
    findings: [
      {
        offset: 0,
        message:
          'the aliases stand for more than anybody would write: too many of them, or aliases of aliases. Write it out.',
      },
    ],
  };
  if (expandedSize > MAX_EXPANDED_NODES) return tooLarge;
  try {
    // The package's own bound counts uses, and would refuse defaults that a hundred flags share.
    return { value: document.toJS({ maxAliasCount: -1 }) };
  } catch (caught) {
    if (caught instanceof ReferenceError) return tooLarge;
    throw caught;
  }
}

function syntaxMessage(error: YAMLError): string {
  switch (error.code) {
    case 'MULTIPLE_DOCS':
      return 'the text holds several YAML documents (`---`). Write one document per text.';
    case 'TAB_AS_INDENT':
      return 'YAML takes no tabs for indentation. Write spaces.';
    default:
      return `${error.message.replace(/\s+/g, ' ').replace(/\.$/, '')}.`;
  }
}
