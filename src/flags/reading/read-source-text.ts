import type { Problem } from '../problem.js';
import { readJson } from './read-json.js';
import { parseYaml, type YamlText } from './read-yaml.js';
import { showError } from '../show-value.js';

/** A YAML or JSON text and what people call it. */
export interface SourceText {
  readonly name: string;
  readonly text: string;
}

/** Lines and columns count from 1. */
export interface Location {
  readonly source: string;
  readonly line: number;
  readonly column: number;
}

/** One text, read. */
export interface TextSource {
  readonly isReadable: boolean;
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Whether the path leads to something in this very text. */
  has(path: readonly (string | number)[]): boolean;
  locate(path: readonly (string | number)[]): Location | undefined;
}

/** Reads one YAML or JSON text. Never throws. */
export function readSourceText({ name, text }: SourceText, maxBytes: number): TextSource {
  const unlocated = unlocatedProblem(text, maxBytes);
  if (unlocated !== undefined) return unreadable([{ severity: 'error', path: [], message: unlocated, source: name }]);
  const json = readJson(text);
  try {
    return json === undefined ? readableFrom(name, parseYaml(text)) : jsonSource(name, text, json.value);
  } catch (caught) {
    const message =
      caught instanceof RangeError
        ? 'the text is nested too deeply to be read.'
        : `the text can't be read: ${showError(caught)}.`;
    return unreadable([{ severity: 'error', path: [], message, source: name }]);
  }
}

function unlocatedProblem(text: unknown, maxBytes: number): string | undefined {
  if (typeof text !== 'string') return `expected a text, found ${typeof text}.`;
  if (text.length > maxBytes || Buffer.byteLength(text) > maxBytes) {
    const megabytes = (bytes: number): string => `${Math.round(bytes / 100_000) / 10} MB`;
    return `the text has ${megabytes(Buffer.byteLength(text))}, allowed are ${megabytes(maxBytes)}. Raise \`maxBytes\` if it is meant to be this large.`;
  }
  return undefined;
}

function unreadable(problems: readonly Problem[]): TextSource {
  return { isReadable: false, value: undefined, problems, has: () => false, locate: () => undefined };
}

function readableFrom(name: string, yaml: YamlText): TextSource {
  const problems = yaml.problems.map(({ path, message, line, column }): Problem => ({
    severity: 'error',
    path,
    message,
    source: name,
    line,
    column,
  }));
  return {
    isReadable: yaml.isReadable,
    value: yaml.value,
    problems,
    has: (path) => yaml.has(path),
    locate: (path) => ({ source: name, ...yaml.locate(path) }),
  };
}

/** JSON is YAML: its tree is made only when somebody asks for a location. */
function jsonSource(name: string, text: string, value: unknown): TextSource {
  let yaml: YamlText | undefined;
  const tree = (): YamlText => (yaml ??= parseYaml(text));
  return {
    isReadable: true,
    value,
    problems: [],
    has: (path) => tree().has(path),
    locate: (path) => ({ source: name, ...tree().locate(path) }),
  };
}
