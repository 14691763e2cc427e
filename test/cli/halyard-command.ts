import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import picocolors from 'picocolors';
import { onTestFinished } from 'vitest';
import { run } from '../../src/cli/run.js';
import type { Terminal } from '../../src/cli/terminal.js';

/** What a run of the command printed, and how it ended. */
export interface Ran {
  readonly out: string;
  readonly err: string;
  readonly exitCode: number;
}

/** The time at which commands run in tests, unless they say another. */
export const NOW: number = Date.parse('2026-11-21T12:00:00Z');

/** A command in a terminal of 80 columns without colours. */
export interface HalyardCommand {
  readonly cwd: string;
  /** Runs `halyard ARGS…` in the folder. */
  readonly run: (...args: readonly string[]) => Promise<Ran>;
}

/** `halyard` in a folder of its own that has these files, and is removed with the test. */
export function halyardIn(files: Readonly<Record<string, string>>, terminal: Partial<Terminal> = {}): HalyardCommand {
  const cwd = mkdtempSync(join(tmpdir(), 'halyard-cli-'));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  return { cwd, run: (...args) => runIn(cwd, args, terminal) };
}

async function runIn(cwd: string, args: readonly string[], terminal: Partial<Terminal>): Promise<Ran> {
  const written = { out: '', err: '' };
  const paper = { columns: 80, colors: picocolors.createColors(false) };
  const exitCode = await run(args, {
    out: (text) => void (written.out += text),
    err: (text) => void (written.err += text),
    paper,
    errPaper: paper,
    env: {},
    cwd,
    now: () => NOW,
    signal: new AbortController().signal,
    readInput: () => Promise.reject(new Error('Nothing was written to the command: pipe it in, or name a file.')),
    ...terminal,
  });
  // Where the folder lies is another each time.
  const plain = (text: string): string => text.replaceAll(cwd, '.');
  return { out: plain(written.out), err: plain(written.err), exitCode };
}
