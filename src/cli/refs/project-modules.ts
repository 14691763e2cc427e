import { readFileSync, statSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { showError } from '../../flags/show-value.js';
import { readModule, type SourceModule } from '../../source/source-module.js';
import { isSource, parseSource, SOURCE_ENDINGS } from './parse-source.js';
import type { PathAliases } from './path-aliases.js';

/** The modules of a project, each read when it is first asked for, and once. */
export interface ProjectModules {
  /** By its path, absolute; `undefined` if it can't be read. */
  readonly at: (path: string) => SourceModule | undefined;
  /** Files that are no source code after all, by their paths, with what the parser said. */
  readonly broken: ReadonlyMap<string, string>;
}

export function projectModules(aliases: PathAliases): ProjectModules {
  const modules = new Map<string, SourceModule | undefined>();
  const broken = new Map<string, string>();
  const read = (path: string): SourceModule | undefined => {
    try {
      const link = (specifier: string) => linked(path, specifier);
      return readModule(parseSource(path, readFileSync(path, 'utf8')), link);
    } catch (error) {
      broken.set(path, showError(error));
      return undefined;
    }
  };
  const at = (path: string): SourceModule | undefined => {
    if (!modules.has(path)) modules.set(path, read(path));
    return modules.get(path);
  };
  const linked = (from: string, specifier: string): SourceModule | undefined => {
    const targets = specifier.startsWith('.') ? [resolve(dirname(from), specifier)] : aliases(specifier);
    const path = targets.flatMap(candidates).find(isFile);
    return path === undefined || !isSource(path) ? undefined : at(path);
  };
  return { at, broken };
}

/** What an import may mean: `./keys.js` is `./keys.ts` before it is built. */
function candidates(target: string): readonly string[] {
  const ending = extname(target);
  const bare = target.slice(0, target.length - ending.length);
  const asWritten = (sourcesOf[ending] ?? []).map((source) => bare + source);
  const added = SOURCE_ENDINGS.map((source) => target + source);
  const inFolder = SOURCE_ENDINGS.map((source) => join(target, `index${source}`));
  return [...asWritten, target, ...added, ...inFolder];
}

const sourcesOf: Readonly<Record<string, readonly string[]>> = {
  '.js': ['.ts', '.tsx', '.jsx'],
  '.jsx': ['.tsx'],
  '.mjs': ['.mts'],
  '.cjs': ['.cts'],
};

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;
