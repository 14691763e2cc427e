import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { isSource } from './parse-source.js';
import type { ProjectReferences } from './scan-project.js';
import { findFiles } from './source-files.js';

/** That a key is written somewhere, without being read there: weaker than a read, since a word may mean much else. */
export interface Mention {
  readonly key: string;
  readonly file: string;
  /** 1-based. */
  readonly line: number;
}

export interface MentionSearch {
  readonly keys: Iterable<string>;
  readonly paths: readonly string[];
  readonly cwd: string;
  readonly ignore: readonly string[];
  /** Files that say what flags are, and are no mention, relative to the working folder. */
  readonly documents: readonly string[];
}

const configurations: ReadonlySet<string> = new Set(['.json', '.jsonc', '.yaml', '.yml', '.toml', '.env']);

/** Finds keys as whole texts: in quotes in source code, as whole words in JSON, YAML, TOML and `.env` files. */
export async function findMentions(
  { keys, paths, cwd, ignore, documents }: MentionSearch,
  { references }: ProjectReferences,
): Promise<readonly Mention[]> {
  const isWanted = (file: string): boolean =>
    (isSource(file) || configurations.has(extname(file)) || file.endsWith('.env')) && !documents.includes(file);
  const files = await findFiles({ paths, cwd, ignore, isWanted });
  const read = new Set(references.map(({ file, key = '', keyNode }) => `${file}:${lineOf(keyNode)}:${key}`));
  const wanted = new Set(keys);
  const found: Mention[] = [];
  // One after another: a project has more files than a process may have open at once.
  for (const file of files) found.push(...mentionsIn(file, await readFile(join(cwd, file), 'utf8'), wanted));
  return found.filter(({ file, line, key }) => !read.has(`${file}:${line}:${key}`));
}

const lineOf = (node: object): number => (node as { loc?: { start: { line: number } } }).loc?.start.line ?? 0;

/** Each key once a line, however many keys there are: the words of the text are looked up, not the keys. */
function mentionsIn(file: string, text: string, keys: ReadonlySet<string>): readonly Mention[] {
  const pattern = isSource(file) ? quoted : word;
  return text.split('\n').flatMap((line, index) => {
    const words = Array.from(line.matchAll(pattern), ({ groups }) => groups?.['key'] ?? '');
    return [...new Set(words)].filter((key) => keys.has(key)).map((key) => ({ key, file, line: index + 1 }));
  });
}

const quoted = /(?<quote>['"`])(?<key>[\w./-]+)(?=\k<quote>)/g;
const word = /(?<key>[\w./-]+)/g;
