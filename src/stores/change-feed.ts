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
  /** How often the server is asked, in milliseconds; give or take a tenth, so that a fleet doesn't ask all at once. */
  readonly pollMs: number;
  /** A short text that is another whenever anything has changed. Rejects if the server can't be asked. */
  readonly ask: () => Promise<string>;
  /** Starts to listen, and returns what ends it. */
  readonly listen: (listener: PushListener) => { close(): void };
}

/** How long after a lost connection another is opened, in milliseconds. */
const listenAgainMs = 10_000;

/** In the place of a tag: a server that can't be asked is a change too, and so is one that can be asked again. */
const unreachable = Symbol('unreachable');

/**
 * Tells listeners when what a server holds may be another: at once if the server says so, otherwise when it is asked
 * the next time. Nothing that the server says has to arrive.
 *
 * No timer in it keeps the process alive.
 */
export class ChangeFeed {
  readonly #options: ChangeFeedOptions;
  readonly #listeners = new Map<symbol, () => void>();
  #seen: string | typeof unreachable | undefined;
  #loaded: string | undefined;
  #poll: NodeJS.Timeout | undefined;
  #listenAgain: NodeJS.Timeout | undefined;
  #push: { close(): void } | undefined;
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

  /** Somebody has loaded what has this tag: what is told first is told against it. */
  loaded(tag: string): void {
    this.#loaded = tag;
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
    const when = (action: (tag: string) => void) => (tag: string) => {
      if (this.#run === run) action(tag);
    };
    const again = (): void => {
      this.#listenAgain = setTimeout(() => this.#listen(run), listenAgainMs).unref();
    };
    try {
      this.#push = this.#options.listen({
        onMessage: when((tag) => this.#observe(tag)),
        onReady: () => void this.#ask(run),
        onLost: () => when(again)(''),
      });
    } catch {
      again();
    }
  }

  async #ask(run: symbol): Promise<void> {
    if (this.#run !== run) return;
    clearTimeout(this.#poll);
    const tag = await this.#options.ask().catch((): typeof unreachable => unreachable);
    if (this.#run !== run) return;
    this.#observe(tag);
    clearTimeout(this.#poll);
    const delayMs = this.#options.pollMs * (0.9 + Math.random() / 5);
    this.#poll = setTimeout(() => void this.#ask(run), delayMs).unref();
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
