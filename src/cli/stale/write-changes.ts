import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type StagedWrite, stageWrite } from '../../stores/staged-write.js';
import { CommandError } from '../command-error.js';
import { EXIT } from '../exit-code.js';
import type { FileChange } from './plan-removal.js';

export interface WriteOptions {
  readonly cwd: string;
  /** Whether changes that aren't committed may be mixed with these. */
  readonly force: boolean;
}

/**
 * Writes files, each in one step; all of them are safe on the disk before the first is put in place.
 *
 * @throws CommandError, and writes nothing, if a file has changed since it was read, or has changes that git doesn't know
 */
export async function writeChanges(changes: readonly FileChange[], { cwd, force }: WriteOptions): Promise<void> {
  const uncommitted = force ? [] : await uncommittedOf(changes, cwd);
  if (uncommitted.length > 0) {
    throw new CommandError(
      EXIT.problems,
      `Nothing was written, because these have changes that git doesn't know: ${uncommitted.join(', ')}. ` +
        'Commit them first, or say --force.',
    );
  }
  const staged: StagedWrite[] = [];
  try {
    for (const { file, after } of changes) staged.push(await stageWrite(join(cwd, file), after));
    for (const change of changes) await expectUnchanged(change, cwd);
    for (const write of staged) await write.commit();
  } finally {
    for (const write of staged) await write.discard();
  }
}

async function expectUnchanged({ file, before }: FileChange, cwd: string): Promise<void> {
  const now = await readFile(join(cwd, file), 'utf8');
  if (now === before) return;
  throw new CommandError(EXIT.conflict, `Nothing was written: ${file} has changed meanwhile. Try again.`);
}

const run = promisify(execFile);

/** Which files have changes that aren't committed, or are new; none where there is no git. */
async function uncommittedOf(changes: readonly FileChange[], cwd: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { file } of changes) {
    if ((await statusOf(file, cwd)) !== '') found.push(file);
  }
  return found;
}

async function statusOf(file: string, cwd: string): Promise<string> {
  try {
    const path = join(cwd, file);
    return (await run('git', ['status', '--porcelain', '--', path], { cwd: dirname(path) })).stdout;
  } catch {
    return '';
  }
}
