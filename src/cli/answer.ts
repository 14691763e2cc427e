import type { ExitCode } from './exit-code.js';
import type { Paper } from './terminal.js';

/** What a command found out: for programs, for people, and for whoever looks at the exit code alone. */
export interface Answer {
  /** What `--json` prints. Maps and dates have been made plain; `undefined` is left out. */
  readonly data: unknown;
  /** What a person reads, without a line break at its end. */
  readonly text: (paper: Paper) => string;
  /** What a person should know beside it; goes to stderr, a line each. Default: nothing. */
  readonly notes?: readonly string[];
  /** Default: done. */
  readonly exitCode?: ExitCode;
}
