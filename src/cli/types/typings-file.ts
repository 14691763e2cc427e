import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { showError } from '../../flags/show-value.js';
import { CommandError } from '../command-error.js';
import { EXIT } from '../exit-code.js';
import { MARK } from './flag-typings.js';

/** A file that `halyard types` writes, or may write. */
export interface TypingsFile {
  readonly path: string;
  /** As a person would name it, from the folder of the command. */
  readonly name: string;
  /** What is in it, with line feeds alone; `undefined`: there is no such file. */
  readonly text: string | undefined;
}

/**
 * Looks at the file that was named, else at `src/flags.d.ts`, or `flags.d.ts` where there is no `src`.
 *
 * @throws CommandError for a name that TypeScript wouldn't read, and a file that somebody else wrote
 */
export async function openTypingsFile(named: string | undefined, cwd: string): Promise<TypingsFile> {
  const path = resolve(cwd, named ?? (existsSync(resolve(cwd, 'src')) ? 'src/flags.d.ts' : 'flags.d.ts'));
  const name = relative(cwd, path) || path;
  checkName(path, name, cwd);
  const text = existsSync(path) ? (await read(path, name)).replaceAll('\r\n', '\n') : undefined;
  if (text !== undefined && text.trim() !== '' && !text.startsWith(MARK)) {
    const message = `${name} was not written by \`halyard types\`, and stays as it is. Name another file with --out.`;
    throw new CommandError(EXIT.usage, message);
  }
  return { path, name, text };
}

/** Writes it, with its folder. */
export async function writeTypingsFile({ path, name }: TypingsFile, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  } catch (error) {
    throw fileError(name, 'written', error);
  }
}

function checkName(path: string, name: string, cwd: string): void {
  if (!/\.d\.[cm]?ts$/.test(name)) {
    throw new CommandError(EXIT.usage, `--out must be a file of declarations, such as src/flags.d.ts, found ${name}.`);
  }
  // TypeScript takes the declarations beside a source for what it was compiled to.
  const [source] = [path.replace(/\.d(\.[cm]?ts)$/, '$1'), path.replace(/\.d\.ts$/, '.tsx')].filter(
    (sibling) => sibling !== path && existsSync(sibling),
  );
  if (source === undefined) return;
  const hint = `TypeScript would not read ${name} beside ${relative(cwd, source)}.`;
  throw new CommandError(
    EXIT.usage,
    `${hint} Name another file, such as --out ${name.replace(/[^/\\]+$/, 'flag-types.d.ts')}`,
  );
}

async function read(path: string, name: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw fileError(name, 'read', error);
  });
}

function fileError(name: string, done: string, cause: unknown): CommandError {
  return new CommandError(EXIT.store, `${name} can't be ${done}: ${showError(cause)}`, { cause });
}
