/** Something that a command found in a file and thinks wrong: a problem of a document, a lint, a reference to no flag. */
export interface Finding {
  readonly severity: 'error' | 'warning' | 'note';
  /** The rule that found it, in kebab-case, e.g. `expired` or `unknown-key`: what a reader can look up, or turn off. */
  readonly rule: string;
  /** What is wrong, what was found, and what would be right. */
  readonly message: string;
  /** The file as the person named it, relative to the working folder; absent: it is in no file. */
  readonly file?: string;
  /** 1-based; absent: the whole file. */
  readonly line?: number;
  /** 1-based. */
  readonly column?: number;
  /** The flag that it is about, if it is about one. */
  readonly flagKey?: string;
}
