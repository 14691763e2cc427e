import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';
import type { Terminal } from '../terminal.js';

/** Git that takes longer isn't waited for, in milliseconds. */
const LONGEST_ANSWER_MS = 1_000;

/** Who makes a change: who says so, else HALYARD_BY, else the e-mail address that git knows, else the user of the system. */
export async function authorOf(given: string | undefined, terminal: Terminal): Promise<string> {
  return given ?? named(terminal.env['HALYARD_BY']) ?? (await gitAuthor(terminal)) ?? systemUser();
}

async function gitAuthor({ cwd, env }: Terminal): Promise<string | undefined> {
  try {
    const options = { cwd, env, timeout: LONGEST_ANSWER_MS };
    const { stdout } = await promisify(execFile)('git', ['config', 'user.email'], options);
    return named(stdout.trim());
  } catch {
    // There is no git here, or it knows none.
    return undefined;
  }
}

function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a number that has no name.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

const named = (text: string | undefined): string | undefined => (text === '' ? undefined : text);
