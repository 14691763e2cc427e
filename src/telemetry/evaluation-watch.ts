interface Watch {
  isOpen: boolean;
}

/**
 * Which evaluations of OpenFeature's one hook sees, and will report at their end. Their contexts carry it under a symbol,
 * which text formats leave out; so who is told of evaluations in another way too can leave these out.
 */
export class EvaluationWatch {
  readonly #key = Symbol('halyard.watch');

  /** Begins with an evaluation. Returns attributes to merge into its context. */
  open(context: object): object {
    // A context that was kept from another evaluation brings along a watch that is over.
    return this.isOpen(context) ? {} : { [this.#key]: { isOpen: true } satisfies Watch };
  }

  /** Ends with the evaluation that has this context; it may have none that was begun. */
  close(context: object): void {
    const watch = this.#of(context);
    if (watch !== undefined) watch.isOpen = false;
  }

  /** Whether an evaluation with this context is being watched. Never throws. */
  isOpen(context: object): boolean {
    try {
      return this.#of(context)?.isOpen === true;
    } catch {
      // A context that can't be read carries nothing.
      return false;
    }
  }

  #of(context: object): Watch | undefined {
    return (context as Readonly<Record<symbol, Watch | undefined>>)[this.#key];
  }
}
