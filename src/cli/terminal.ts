import type { createColors } from 'picocolors';

/** Where a command runs: everything of the outside that it may touch, beside the store. */
export interface Terminal {
  /** Writes a part of the answer, and nothing else: a program may read it. */
  readonly out: (text: string) => void;
  /** Writes what a person should know beside the answer. */
  readonly err: (text: string) => void;
  /** What the answer is written on. */
  readonly paper: Paper;
  /** What notes and errors are written on. */
  readonly errPaper: Paper;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder that relative paths start from. */
  readonly cwd: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Is aborted when the person has had enough: Ctrl-C. */
  readonly signal: AbortSignal;
  /** Everything that is written to the command, to its end. Rejects where a person would have to type it. */
  readonly readInput: () => Promise<string>;
}

/** What can be written on it, and how. */
export interface Paper {
  /** How many characters a line holds; Infinity: as many as one likes, where no person reads. */
  readonly columns: number;
  /** How many lines a screen shows, which can be written again in their place; absent: it is no screen. */
  readonly rows?: number | undefined;
  /** Each does nothing where there are no colours. */
  readonly colors: Colors;
}

export type Colors = ReturnType<typeof createColors>;
