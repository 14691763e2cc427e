import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { showError } from '../../flags/show-value.js';
import { createFlagFinder } from '../../source/find-flag-reads.js';
import type { Winner } from '../../source/remove-flag/read-answer.js';
import { type Leftover, removeFlags } from '../../source/remove-flag/remove-flag.js';
import { applyEdits, type Edit } from '../../source/remove-flag/text-edits.js';
import { faultsOf, isSource } from '../refs/parse-source.js';
import { pathAliases } from '../refs/path-aliases.js';
import { projectModules } from '../refs/project-modules.js';
import type { ScanOptions } from '../refs/scan-project.js';
import { findFiles } from '../refs/source-files.js';

/** What becomes of a file. */
export interface FileChange {
  /** Relative to the working folder. */
  readonly file: string;
  readonly before: string;
  readonly after: string;
}

/** What is for a person to change, and where. */
export interface FileLeftover {
  readonly file: string;
  /** 1-based, as the file is before the change. */
  readonly line: number;
  /** As it is after it. */
  readonly lineAfter: number;
  readonly key: string | undefined;
  readonly why: string;
}

export interface RemovalPlan {
  readonly changes: readonly FileChange[];
  readonly leftovers: readonly FileLeftover[];
  /** Files that would not have been source code any more, or aren't now, with what the parser said. */
  readonly failed: readonly { readonly file: string; readonly message: string }[];
}

export interface RemovalOptions extends ScanOptions {
  readonly winners: ReadonlyMap<string, Winner>;
}

/** Computes the change that removes flags from all source files below some paths. Writes nothing. */
export async function planRemoval(options: RemovalOptions): Promise<RemovalPlan> {
  const { paths, cwd, ignore, winners, ...finding } = options;
  const files = await findFiles({ paths, cwd, ignore, isWanted: isSource });
  const texts: (string | undefined)[] = [];
  // One by one: a large project has more files than a process may have open.
  for (const file of files) texts.push(await readText(join(cwd, file)));
  const modules = projectModules(pathAliases(cwd));
  const find = createFlagFinder(finding);
  const changes: FileChange[] = [];
  const leftovers: FileLeftover[] = [];
  const failed: { readonly file: string; readonly message: string }[] = [];
  for (const [index, file] of files.entries()) {
    const before = texts[index];
    const module = modules.at(join(cwd, file));
    const broken = modules.broken.get(join(cwd, file));
    if (broken !== undefined) failed.push({ file, message: broken });
    if (module === undefined) continue;
    const reads = find(module);
    if (before === undefined) {
      if (reads.some(({ key = '' }) => winners.has(key))) failed.push({ file, message: 'It is not UTF-8.' });
      continue;
    }
    const removal = removeFlags(module, before, reads, winners);
    const after = applyEdits(before, removal.edits);
    const problem = after === before ? undefined : problemOf(file, before, after);
    if (problem === undefined) {
      if (after !== before) changes.push({ file, before, after });
      leftovers.push(
        ...removal.leftovers.map((each) => placed(file, each, removal.edits, before)),
        ...mentionsIn(file, after, before, winners),
      );
    } else {
      failed.push({ file, message: `It is left as it is, because the change would break it: ${problem}` });
    }
  }
  return { changes, leftovers, failed };
}

function placed(file: string, { line, start, key, why }: Leftover, edits: readonly Edit[], text: string): FileLeftover {
  const above = edits.filter((edit) => edit.end <= start);
  const linesIn = (part: string): number => part.split('\n').length - 1;
  const shift = above.reduce((sum, edit) => sum + linesIn(edit.text) - linesIn(text.slice(edit.start, edit.end)), 0);
  return { file, line, lineAfter: line + shift, key, why };
}

/** A file's text; `undefined` if it can't be written back as it was. */
async function readText(path: string): Promise<string | undefined> {
  const bytes = await readFile(path);
  const text = bytes.toString('utf8');
  return Buffer.from(text).equals(bytes) ? text : undefined;
}

/** Why a text is no source code; what was let pass before is let pass now. */
function problemOf(file: string, before: string, after: string): string | undefined {
  try {
    const faults = faultsOf(file, before);
    return faultsOf(file, after).find((fault) => !faults.includes(fault));
  } catch (error) {
    return showError(error);
  }
}

/** Where a key is still written as a text, other than in reads: in constants, above all. */
function mentionsIn(
  file: string,
  after: string,
  before: string,
  winners: ReadonlyMap<string, Winner>,
): readonly FileLeftover[] {
  const keys = [...winners.keys()].filter((key) => after.includes(key));
  if (keys.length === 0) return [];
  const lines = before.split('\n');
  const linesAfter = after.split('\n');
  return keys.flatMap((key) =>
    lines.flatMap((text, index) =>
      isConstant(text, key) && linesAfter.includes(text)
        ? [
            {
              file,
              line: index + 1,
              lineAfter: linesAfter.indexOf(text) + 1,
              key,
              why: 'The key is kept here: remove that, too, if nothing else needs it.',
            },
          ]
        : [],
    ),
  );
}

/** `CHECKOUT: 'new-checkout',`, `const CHECKOUT = 'new-checkout';`, an element of a list on its own line. */
function isConstant(line: string, key: string): boolean {
  const at = /(?:[:=]\s*|^\s*)(['"`])([^'"`]+)\1(?:\s*as const)?\s*[,;]?\s*(?:[}\])].*)?$/.exec(line.trimEnd());
  return at?.[2] === key;
}
