/** What a program can tell by the exit code alone; documented in docs/cli.md. */
export const EXIT = {
  /** It is done, or the answer is good. */
  done: 0,
  /** The answer is bad: problems in the flags, an unknown key, a broken audit trail. */
  problems: 1,
  /** The command line can't be meant. */
  usage: 2,
  /** The flags can't be read or written: no such file, no connection, no permission, a document with errors. */
  store: 3,
  /** Somebody else changed the flags first. Nothing was written. */
  conflict: 4,
  /** It is written, but not every instance serves it yet. */
  fleet: 5,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
