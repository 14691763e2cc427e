/** One answer of a Halyard to an evaluation of OpenFeature's. */
export interface TracedAnswer {
  /** Who answered, and counted it. */
  readonly evaluator: object;
  readonly variant: string | undefined;
  readonly reason: string;
  readonly errorCode: string | undefined;
  /** The version of the flags that answered. */
  readonly version: string | undefined;
}

/**
 * The key under which a context carries the trace of its evaluation. Contexts are copied with their symbols on the way
 * to a provider, also to one behind others; text formats leave symbols out.
 */
const TRACE: unique symbol = Symbol.for('halyard.answers');

interface Traced {
  readonly [TRACE]?: AnswerTrace;
}

/** Which Halyards answered one evaluation. A hook lays it, so that it can tell what is counted already. */
export class AnswerTrace {
  readonly #context: object;
  readonly #answers: TracedAnswer[] = [];

  private constructor(context: object) {
    this.#context = context;
  }

  /**
   * Lays a trace for the evaluation with this context.
   * @returns attributes to merge into the context; `undefined` if another hook has laid one
   */
  static lay(context: object): object | undefined {
    // A context that was taken from another evaluation brings that one's trace along.
    return (context as Traced)[TRACE]?.belongsTo(context) === true ? undefined : { [TRACE]: new AnswerTrace(context) };
  }

  /** The answers of Halyards in the evaluation with this context. */
  static answersTo(context: object): readonly TracedAnswer[] {
    return (context as Traced)[TRACE]?.answers() ?? [];
  }

  belongsTo(context: object): boolean {
    return this.#context === context;
  }

  add(answer: TracedAnswer): void {
    this.#answers.push(answer);
  }

  answers(): readonly TracedAnswer[] {
    return this.#answers;
  }
}

/**
 * Tells the hook that watches this evaluation, if one does, what a Halyard answered. For providers, at each resolution
 * that their evaluator has counted, also one with an error. Never throws.
 * @param context what the provider was given
 */
export function traceAnswer(
  context: object | undefined,
  evaluator: object,
  answer: {
    readonly variant?: string;
    readonly reason: string;
    readonly errorCode?: string;
    readonly version?: string;
  },
): void {
  if (context === undefined) return;
  const { variant, reason, errorCode, version } = answer;
  try {
    (context as Traced)[TRACE]?.add({ evaluator, variant, reason, errorCode, version });
  } catch {
    // A context that can't be read carries no trace.
  }
}
