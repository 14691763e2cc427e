import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** How long an installation may take, in milliseconds; most take ten seconds. */
const LONGEST_INSTALLATION_MS = 180_000;

/** Runs npm in a folder. Resolves with what it printed; rejects with that, if it isn't content. */
export async function npm(folder: string, ...words: readonly string[]): Promise<string> {
  return await runNpm(folder, words);
}

/** Installs what a folder needs. One that hangs, as npm now and then does on a connection, is killed and begun again. */
export async function npmInstall(folder: string, ...words: readonly string[]): Promise<void> {
  const install = () =>
    runNpm(folder, [...words, '--no-audit', '--no-fund', '--loglevel=error'], LONGEST_INSTALLATION_MS);
  await install().catch((error: unknown) => {
    if (!wasKilled(error)) throw error;
    console.warn(`npm ${words.join(' ')} hung in ${folder}, and is begun again.`);
    return install();
  });
}

async function runNpm(folder: string, words: readonly string[], timeout: number = 0): Promise<string> {
  const options = { cwd: folder, maxBuffer: 1 << 26, timeout, killSignal: 'SIGKILL' } as const;
  const { stdout } = await run('npm', words, options).catch((error: unknown) => {
    const { stdout: out, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`npm ${words.join(' ')} failed:\n${out}\n${stderr}`, { cause: error });
  });
  return stdout;
}

function wasKilled(error: unknown): boolean {
  return ((error as Error).cause as { readonly killed?: boolean } | undefined)?.killed === true;
}
