import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import type { EvaluationContext } from '../../evaluation/evaluation-context.js';
import { CommandError } from '../command-error.js';
import { EXIT } from '../exit-code.js';
import type { Terminal } from '../terminal.js';

/** How the units of a file are written. */
type Format = 'keys' | 'json-lines' | 'csv';

/**
 * The units of a file: a targeting key a line; or JSON lines, each an evaluation context; or CSV whose header names the
 * attributes. Its name says which (`.jsonl`, `.ndjson`, `.csv`), else its first line does.
 *
 * @throws CommandError if it can't be read, or a line can't be understood
 */
export async function* unitsInFile(
  path: string,
  { cwd }: Terminal,
  common: EvaluationContext,
): AsyncGenerator<EvaluationContext> {
  try {
    yield* unitsIn(createReadStream(resolve(cwd, path), 'utf8'), path, common);
  } catch (cause) {
    if (!(cause instanceof Error) || !('syscall' in cause)) throw cause;
    throw new CommandError(
      EXIT.usage,
      `--units: expected a number, or a file with a targeting key a line (or JSON lines, or CSV); ${path} can't be read: ${cause.message}`,
      { cause },
    );
  }
}

/** The same, of what is written to the command. */
export async function* unitsInText(
  { readInput }: Terminal,
  common: EvaluationContext,
): AsyncGenerator<EvaluationContext> {
  yield* unitsIn(Readable.from([await readInput()]), 'stdin', common);
}

async function* unitsIn(input: Readable, name: string, common: EvaluationContext): AsyncGenerator<EvaluationContext> {
  const lines = createInterface({ input, crlfDelay: Infinity })[Symbol.asyncIterator]();
  const first = await nextWithText(lines);
  if (first === undefined) return;
  const format = formatOf(name, first.line);
  if (format === 'csv') yield* csvUnits(first.line, lines, name, common);
  else {
    const read = format === 'keys' ? keyUnit : jsonUnit;
    let number = first.number;
    yield { ...common, ...read(first.line, name, number) };
    for await (const line of { [Symbol.asyncIterator]: () => lines }) {
      number += 1;
      if (line.trim() !== '') yield { ...common, ...read(line, name, number) };
    }
  }
}

async function nextWithText(lines: AsyncIterator<string>): Promise<{ line: string; number: number } | undefined> {
  for (let number = 1; ; number += 1) {
    const next = await lines.next();
    if (next.done === true) return undefined;
    const line = number === 1 ? next.value.replace(/^\uFEFF/, '') : next.value;
    if (line.trim() !== '') return { line, number };
  }
}

function formatOf(name: string, firstLine: string): Format {
  if (/\.(jsonl|ndjson)$/i.test(name) || firstLine.trimStart().startsWith('{')) return 'json-lines';
  const names = firstLine.split(',').map((cell) => cell.trim().replaceAll('"', ''));
  return /\.csv$/i.test(name) || names.includes('targetingKey') ? 'csv' : 'keys';
}

const keyUnit = (line: string): EvaluationContext => ({ targetingKey: line.trim() });

function jsonUnit(line: string, name: string, number: number): EvaluationContext {
  let context: unknown;
  try {
    context = JSON.parse(line);
  } catch {
    // Said below.
  }
  if (typeof context === 'object' && context !== null && !Array.isArray(context)) return context as EvaluationContext;
  throw new CommandError(
    EXIT.usage,
    `--units: ${name}:${number}: expected an evaluation context such as {"targetingKey": "user-1", "plan": "pro"}, found ${line.slice(0, 80)}`,
  );
}

async function* csvUnits(
  header: string,
  rest: AsyncIterator<string>,
  name: string,
  common: EvaluationContext,
): AsyncGenerator<EvaluationContext> {
  const lines = async function* (): AsyncGenerator<string> {
    yield `${header}\n`;
    for await (const line of { [Symbol.asyncIterator]: () => rest }) yield `${line}\n`;
  };
  const parser = parse({ columns: true, skip_empty_lines: true, trim: true });
  const source = Readable.from(lines());
  source.once('error', (error) => parser.destroy(error));
  try {
    for await (const row of source.pipe(parser) as AsyncIterable<Readonly<Record<string, string>>>) {
      yield { ...common, ...attributesIn(row) };
    }
  } catch (cause) {
    if (!(cause instanceof Error) || !('code' in cause) || !String(cause.code).startsWith('CSV_')) throw cause;
    throw new CommandError(EXIT.usage, `--units: ${name} is no CSV: ${cause.message}`, { cause });
  }
}

/** Cells are what they are in JSON, as with `--set`: 42, true. An empty one isn't there; a targeting key is a text. */
function attributesIn(row: Readonly<Record<string, string>>): EvaluationContext {
  const written = Object.entries(row).filter(([, cell]) => cell !== '');
  return Object.fromEntries(written.map(([name, cell]) => [name, name === 'targetingKey' ? cell : scalarIn(cell)]));
}

/** What a number loses when it is read as one stays a text: `007`, and ids of 20 digits. */
function scalarIn(cell: string): string | number | boolean {
  if (cell === 'true' || cell === 'false') return cell === 'true';
  const number = Number(cell);
  return String(number) === cell && Number.isFinite(number) ? number : cell;
}
