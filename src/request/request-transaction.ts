import type { EvaluationContext } from '../evaluation/evaluation-context.js';
import { createLazyObject } from './lazy-object.js';
import type { RequestContext } from './request-context.js';
import { currentTransactionContext, runInTransaction } from './transaction.js';

/** What a transaction is made of. */
export interface RequestTransactionParts {
  readonly context: RequestContext;
  /** A symbol that no other transaction context has, but those that are made over this one. */
  readonly mark: symbol;
  /** Stands in the transaction context under `mark`. */
  readonly marked: unknown;
  /** The transaction of a middleware that was mounted before. */
  readonly outer: RequestTransaction | undefined;
}

/** A request's part of OpenFeature's transaction context: what an OpenFeature client sees while the request is served. */
export class RequestTransaction {
  /** The request's context as it is at each access, made when a client looks; and the mark. */
  readonly context: object;
  readonly #own: RequestContext;
  readonly #mark: symbol;
  /** Shared by all transactions of a request: while it is set, who looks settles nothing. Public for other copies of this class. */
  readonly mode: { isPeeking: boolean };

  constructor({ context, mark, marked, outer }: RequestTransactionParts) {
    this.#own = context;
    this.#mark = mark;
    const mode = outer?.mode ?? { isPeeking: false };
    this.mode = mode;
    this.context = createLazyObject(() => (mode.isPeeking ? context.peek() : context.value), { [mark]: marked });
  }

  /** What the context would be if it were made now; nothing is settled, here or further out. */
  peek(): EvaluationContext {
    return this.#during(true, () => this.#own.peek());
  }

  /** @throws what `callback` throws */
  run<Result>(callback: () => Result): Result {
    // A propagator that copies what it is given must not settle who the user is: authentication may come later.
    return this.#during(true, () => runInTransaction(this.context, () => this.#during(false, callback)));
  }

  /** Whether whoever asks is inside: in this transaction, or deeper. */
  get isCurrent(): boolean {
    return this.#mark in currentTransactionContext();
  }

  #during<Result>(isPeeking: boolean, action: () => Result): Result {
    const before = this.mode.isPeeking;
    this.mode.isPeeking = isPeeking;
    try {
      return action();
    } finally {
      this.mode.isPeeking = before;
    }
  }
}
