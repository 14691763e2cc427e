/** Something in a flag document that is wrong (`error`) or looks wrong (`warning`). */
export interface Problem {
  readonly severity: 'error' | 'warning';
  /** Where in the document: `['flags', 'new-checkout', 'percentage']`; empty for the document as a whole. */
  readonly path: readonly (string | number)[];
  /** What is wrong, what was found, what is allowed, and the right word where there is a near one. */
  readonly message: string;
  /** The file, or what the store calls the document, where there is one. */
  readonly source?: string;
  /** 1-based, where the text is known. */
  readonly line?: number;
  /** 1-based, where the text is known. */
  readonly column?: number;
}

/** `flags.yaml:14:5 flags.new-checkout.percentage: unknown key. Write `rollout: 10`.` */
export function formatProblem(problem: Problem): string {
  const { source, line, column, severity, message } = problem;
  const place = [source, line, column].filter((part) => part !== undefined).join(':');
  const path = formatPath(problem.path);
  const where = [place, path].filter((part) => part !== '').join(' ');
  return `${where === '' ? '' : `${where}: `}${severity === 'warning' ? 'warning: ' : ''}${message}`;
}

/** `flags.new-checkout.rules[0].when` */
export function formatPath(path: readonly (string | number)[]): string {
  return path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`),
    '',
  );
}

/** A document was refused. The message lists its errors, one a line. */
export class FlagDocumentError extends Error {
  override readonly name = 'FlagDocumentError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const errors = problems.filter((problem) => problem.severity === 'error');
    const shown = errors.slice(0, 20).map(formatProblem);
    if (errors.length > shown.length) shown.push(`… and ${errors.length - shown.length} more`);
    super(shown.join('\n'));
    this.problems = problems;
  }
}
