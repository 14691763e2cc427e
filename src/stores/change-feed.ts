/** What a store hears from its server by itself. */
export interface PushListener {
  /** What the server holds now, as `ask` would tell it. */
  readonly onMessage: (tag: string) => void;
  /** Connected, for the first time or again: messages may have been missed before. */
  readonly onReady: () => void;
  /** It will not come back by itself. */
  readonly onLost: () => void;
}

export interface ChangeFeedOptions {
  /**
   * How often the server is asked, in milliseconds; give or take a tenth, so that a fleet doesn't ask all at once. A
   * function is asked anew after each answer.
   */
  readonly pollMs: number | (() => number);
  /** A short text that is another whenever anything has changed. Rejects if the server can't be asked. */
  readonly ask: () => Promise<string>;
  /** Starts to listen, and returns what ends it. Absent: the server tells nothing by itself. */
  readonly listen?: (listener: PushListener) => { close(): void };
}

/** How long after a lost connection another is opened, in milliseconds. */
const listenAgainMs = 10_000;

/** In the place of a tag: a server that can't be asked is a change too, and so is one that can be asked again. */
const unreachable = Symbol('unreachable');

/** In the place of a tag: what was told last, and what somebody has loaded since, are not the same. */
const doubtful = Symbol('doubtful');

/**
 * Tells listeners when what a server holds may be another: at once if the server says so, otherwise when it is asked
 * the next time. Nothing that the server says has to arrive.
 *
 * No timer in it keeps the process alive.
 */
export class ChangeFeed {
  readonly #options: ChangeFeedOptions;
  readonly #listeners = new Map<symbol, () => void>();
  #seen: string | typeof unreachable | typeof doubtful | undefined;
  #loaded: string | undefined;
  #poll: NodeJS.Timeout | undefined;
  #listenAgain: NodeJS.Timeout | undefined;
  #push: { close(): void } | undefined;
  /** Whether it was said to be connected since the server last could not be asked. */
  #isHearing = false;
  /** Of the listeners that came since the last stop; what an older one still awaits counts no more. */
  #run: symbol | undefined;
  #isClosed = false;

  constructor(options: ChangeFeedOptions) {
    this.#options = options;
  }

  /** Returns the function that ends it. */
  watch(onChange: () => void): () => void {
    if (this.#isClosed) return () => undefined;
    const key = Symbol('listener');
    this.#listeners.set(key, onChange);
    if (this.#run === undefined) this.#start();
    return () => {
      this.#listeners.delete(key);
      if (this.#listeners.size === 0) this.#stop();
    };
  }

  /**
   * Somebody has loaded what has this tag: what is told first is told against it. Where it is another than what was told
   * last, a listener may have missed one of the two, and whatever is told next is news.
   */
  loaded(tag: string): void {
    this.#loaded = tag;
    if (typeof this.#seen === 'string' && this.#seen !== tag) this.#seen = doubtful;
  }

  close(): void {
    this.#isClosed = true;
    this.#listeners.clear();
    this.#stop();
  }

  #start(): void {
    const run = Symbol('run');
    this.#run = run;
    this.#listen(run);
    void this.#ask(run);
  }

  #stop(): void {
    this.#run = undefined;
    this.#seen = undefined;
    clearTimeout(this.#poll);
    clearTimeout(this.#listenAgain);
    this.#push?.close();
    this.#push = undefined;
  }

  #listen(run: symbol): void {
    const whileItRuns = (action: () => void): void => {
      if (this.#run === run) action();
    };
    const again = (): void => {
      this.#listenAgain = setTimeout(() => this.#listen(run), listenAgainMs).unref();
    };
    try {
      this.#push = this.#options.listen?.({
        onMessage: (tag) => whileItRuns(() => this.#observe(tag)),
        onReady: () => whileItRuns(() => this.#hear(run)),
        onLost: () => whileItRuns(again),
      });
    } catch {
      again();
    }
  }

  #hear(run: symbol): void {
    this.#isHearing = true;
    void this.#ask(run);
  }

  async #ask(run: symbol): Promise<void> {
    if (this.#run !== run) return;
    clearTimeout(this.#poll);
    const begin = performance.now();
    const tag = await this.#options.ask().catch((): typeof unreachable => unreachable);
    if (this.#run !== run) return;
    this.#reconsider(tag, run);
    this.#observe(tag);
    clearTimeout(this.#poll);
    const { pollMs } = this.#options;
    const delayMs = (typeof pollMs === 'number' ? pollMs : pollMs()) * (0.9 + Math.random() / 5);
    // Counted from the question: who has waited long for no answer asks again at once.
    const restMs = Math.max(0, delayMs - (performance.now() - begin));
    this.#poll = setTimeout(() => void this.#ask(run), restMs).unref();
  }

  /** A connection that was there before the server was away may be dead, and nobody was told. */
  #reconsider(tag: string | typeof unreachable, run: symbol): void {
    if (tag === unreachable) this.#isHearing = false;
    else if (this.#seen === unreachable && !this.#isHearing) {
      clearTimeout(this.#listenAgain);
      this.#push?.close();
      this.#listen(run);
    }
  }

  #observe(tag: string | typeof unreachable): void {
    const before = this.#seen ?? this.#loaded ?? tag;
    this.#seen = tag;
    if (before === tag) return;
    for (const onChange of [...this.#listeners.values()]) {
      try {
        onChange();
      } catch {
        // It does no harm to the store or to the others.
      }
    }
  }
}
