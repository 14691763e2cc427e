import { execFile } from 'node:child_process';
import { isAbsolute } from 'node:path';
import { promisify } from 'node:util';
import { emptyFlagState } from '../../flags/flag-state.js';
import type { FlagStore, SourceText } from '../../stores/flag-store.js';
import { CommandError } from '../command-error.js';
import { EXIT } from '../exit-code.js';

const SCHEME = 'git:';
const MAX_BYTES = 10_000_000;

/** Whether an address names a version in git: `git:REF:flags.yaml`. */
export const isGitAddress = (address: string): boolean => address.startsWith(SCHEME);

/**
 * A document as git has it: `git:REF:flags.yaml`, or several, where later wins: `git:REF:flags.yaml,flags.production.yaml`.
 * Paths start from `cwd`. It can only be read, and has no state.
 *
 * @throws CommandError for an address that can't be meant
 */
export function gitVersion(address: string, cwd: string): FlagStore {
  const rest = address.slice(SCHEME.length);
  const colon = rest.indexOf(':');
  const [ref, paths] = [
    rest.slice(0, colon),
    rest
      .slice(colon + 1)
      .split(',')
      .map((path) => path.trim()),
  ];
  // Git would take it for an option.
  if (colon < 1 || ref.startsWith('-') || paths.some((path) => path === '' || isAbsolute(path))) {
    throw new CommandError(
      EXIT.usage,
      `${address} is no version in git. Expected git:REF:PATH, such as git:main:flags.yaml or git:HEAD~1:flags.yaml.`,
    );
  }
  return {
    name: address,
    refuses: 'whole',
    maxBytes: MAX_BYTES,
    load: async () => ({
      document: await Promise.all(paths.map((path) => readBlob(ref, path, cwd))),
      state: emptyFlagState,
      version: ref,
    }),
    close: () => Promise.resolve(),
  };
}

async function readBlob(ref: string, path: string, cwd: string): Promise<SourceText> {
  const object = `${ref}:${/^\.\.?\//.test(path) ? path : `./${path}`}`;
  try {
    // Unlike `git show`, this refuses folders, and no configuration changes what it prints.
    const { stdout } = await promisify(execFile)('git', ['cat-file', 'blob', object], {
      cwd,
      maxBuffer: MAX_BYTES + 1,
    });
    return { name: `${ref}:${path}`, text: stdout };
  } catch (cause) {
    throw new CommandError(EXIT.store, `git has no file ${path} at ${ref}: ${whyNot(cause)}`, { cause });
  }
}

function whyNot(error: unknown): string {
  const { code, stderr, message } = error as { code?: unknown; stderr?: string; message?: string };
  if (code === 'ENOENT') return 'git is not installed here.';
  return (stderr?.trim() ?? '') || (message ?? String(error));
}
