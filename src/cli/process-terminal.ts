import { text } from 'node:stream/consumers';
import type { WriteStream } from 'node:tty';
import picocolors from 'picocolors';
import { EXIT } from './exit-code.js';
import type { Paper, Terminal } from './terminal.js';

/** The terminal, or the pipes, that this process was started with. */
export function processTerminal(): Terminal {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop(stopping, signal));
  // Who reads only the first lines (`halyard list | head`) wants no more, and no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    process.stderr.write(`halyard: the answer can't be written: ${error.message}\n`);
    process.exit(EXIT.store);
  });
  return {
    out: (written) => void process.stdout.write(written),
    err: (written) => void process.stderr.write(written),
    paper: paperOf(process.stdout),
    errPaper: paperOf(process.stderr),
    env: process.env,
    cwd: process.cwd(),
    now: Date.now,
    signal: stopping.signal,
    readInput: async () => {
      if (process.stdin.isTTY) throw new Error('Nothing was written to the command: pipe it in, or name a file.');
      return await text(process.stdin);
    },
  };
}

/** How long a command may take to end in good order, in milliseconds. */
const LONGEST_FAREWELL_MS = 1_000;

/** Tells the command, which may wait for a store that doesn't answer: then, and the second time, Node's own way applies. */
function stop(stopping: AbortController, signal: 'SIGINT' | 'SIGTERM'): void {
  stopping.abort();
  setTimeout(() => process.kill(process.pid, signal), LONGEST_FAREWELL_MS).unref();
}

function paperOf(stream: WriteStream): Paper {
  const { NO_COLOR, FORCE_COLOR, TERM, COLUMNS } = process.env;
  const wantsColors = isSet(FORCE_COLOR) ? FORCE_COLOR !== '0' : stream.isTTY && TERM !== 'dumb';
  const isScreen = stream.isTTY && TERM !== 'dumb';
  return {
    // Asked for each time: windows change.
    get columns() {
      const columns = stream.isTTY ? stream.columns : Number(COLUMNS);
      return columns > 0 ? columns : Infinity;
    },
    get rows() {
      return isScreen && stream.rows > 0 ? stream.rows : undefined;
    },
    colors: picocolors.createColors(wantsColors && !isSet(NO_COLOR)),
  };
}

const isSet = (value: string | undefined): boolean => value !== undefined && value !== '';
