import { join } from 'node:path';
import { createFlagFinder, type FindOptions } from '../../source/find-flag-reads.js';
import type { FlagRead } from '../../source/flag-read.js';
import { isSource } from './parse-source.js';
import { pathAliases } from './path-aliases.js';
import { projectModules } from './project-modules.js';
import { findFiles } from './source-files.js';

/** Where one file reads a flag. */
export interface Reference extends FlagRead {
  /** Relative to the working folder. */
  readonly file: string;
  /** Whether the file is a test, by its name: flags there may be the test's own. */
  readonly isTest: boolean;
}

export interface ProjectReferences {
  readonly files: readonly string[];
  /** By file, then in the order of the text. */
  readonly references: readonly Reference[];
  /** Files that couldn't be read as source code, with the parser's words. */
  readonly broken: readonly { readonly file: string; readonly message: string }[];
}

export interface ScanOptions extends FindOptions {
  readonly paths: readonly string[];
  readonly cwd: string;
  readonly ignore: readonly string[];
}

/** Reads all source files below some paths, and what these import, and finds where they read flags. */
export async function scanProject({ paths, cwd, ignore, ...options }: ScanOptions): Promise<ProjectReferences> {
  const files = await findFiles({ paths, cwd, ignore, isWanted: isSource });
  const modules = projectModules(pathAliases(cwd));
  const find = createFlagFinder(options);
  const references = files.flatMap((file) => {
    const module = modules.at(join(cwd, file));
    const isTest = isTestFile(file);
    return module === undefined ? [] : find(module).map((read) => ({ ...read, file, isTest }));
  });
  const broken = files.flatMap((file) => {
    const message = modules.broken.get(join(cwd, file));
    return message === undefined ? [] : [{ file, message }];
  });
  return { files, references, broken };
}

const isTestFile = (file: string): boolean =>
  /(?:^|[\\/])(?:__tests__|tests?|e2e|spec)[\\/]|[.-](?:test|spec|e2e)\.[cm]?[jt]sx?$/.test(file);
