import { execFile } from 'node:child_process';
import { lstat, readdir } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { promisify } from 'node:util';
import gitignore from 'ignore';
import { CommandError } from '../command-error.js';
import { EXIT } from '../exit-code.js';

export interface FileSearch {
  /** Files and folders, relative to the working folder. */
  readonly paths: readonly string[];
  readonly cwd: string;
  /** Patterns of what to leave out, as in a `.gitignore`. */
  readonly ignore: readonly string[];
  /** Which files are wanted, by their names. */
  readonly isWanted: (file: string) => boolean;
}

/**
 * The files below some paths, relative to the working folder, sorted. Where there is git, what it ignores is left out;
 * elsewhere hidden folders and those of dependencies and builds are. Symbolic links aren't followed.
 *
 * @throws CommandError for a path that there isn't
 */
export async function findFiles({ paths, cwd, ignore: patterns, isWanted }: FileSearch): Promise<readonly string[]> {
  const found = await Promise.all(paths.map((path) => filesAt(resolve(cwd, path), path)));
  const ignored = gitignore.default({ allowRelativePaths: true }).add([...patterns]);
  const files = new Set(found.flat().map((file) => relative(cwd, file)));
  const wanted = [...files].filter((file) => isWanted(file) && !ignored.ignores(file.split(sep).join('/')));
  const isPlain = await Promise.all(wanted.map((file) => isPlainFile(join(cwd, file))));
  return wanted.filter((_, index) => isPlain[index]).toSorted();
}

async function filesAt(path: string, named: string): Promise<readonly string[]> {
  const stats = await lstat(path).catch(() => undefined);
  if (stats === undefined) throw new CommandError(EXIT.usage, `There is no file or folder ${named} here.`);
  if (!stats.isDirectory()) return [path];
  return (await listedByGit(path)) ?? (await walk(path));
}

const run = promisify(execFile);

/** What git would keep below a folder; `undefined` where there is no git, or the folder is in no repository. */
async function listedByGit(folder: string): Promise<readonly string[] | undefined> {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  try {
    const { stdout } = await run('git', args, { cwd: folder, maxBuffer: MOST_BYTES });
    const files = stdout.split('\0').filter((file) => file !== '' && !file.split('/').some(isDependencies));
    return files.map((file) => join(folder, file));
  } catch {
    return undefined;
  }
}

/** Of the list of files. */
const MOST_BYTES = 256 * 1024 * 1024;

const built: ReadonlySet<string> = new Set(['dist', 'build', 'coverage']);
const isDependencies = (name: string): boolean => name === 'node_modules';

async function walk(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = entries.map(async (entry) => {
    const path = join(folder, entry.name);
    if (entry.isFile()) return [path];
    const isLeftOut = entry.name.startsWith('.') || isDependencies(entry.name) || built.has(entry.name);
    return entry.isDirectory() && !isLeftOut ? await walk(path) : [];
  });
  return (await Promise.all(found)).flat();
}

/** What git lists may have been deleted, or be a link that leads out. */
async function isPlainFile(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined);
  return stats?.isFile() === true;
}
