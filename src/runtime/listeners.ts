/** Called with each event of one kind. What it returns is ignored; what it throws harms nobody. */
export type Listener<Event> = (event: Event) => void;

/** Typed listeners. */
export class Listeners<Events extends object> {
  readonly #byName = new Map<keyof Events, Listener<never>[]>();
  readonly #onFailure: (error: unknown, name: keyof Events) => void;

  /** @param onFailure told about a listener that throws, or whose promise rejects */
  constructor(onFailure: (error: unknown, name: keyof Events) => void) {
    this.#onFailure = onFailure;
  }

  /** Who listens to one kind of event, now and later: the same list at each call, so that looking at its length costs nothing. */
  of<Name extends keyof Events>(name: Name): readonly Listener<Events[Name]>[] {
    return this.#list(name);
  }

  /** Adds a listener, once however often it is added. Returns the function that removes it. */
  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): () => void {
    const listeners = this.#list(name);
    if (!listeners.includes(listener)) listeners.push(listener);
    return () => this.off(name, listener);
  }

  off<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): void {
    const listeners = this.#list(name);
    const index = listeners.indexOf(listener);
    if (index >= 0) listeners.splice(index, 1);
  }

  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    // A copy, because a listener may remove itself.
    for (const listener of [...this.#list(name)]) {
      try {
        // A listener may be an async function: its rejection must not end the process.
        const result: unknown = (listener as (event: Events[Name]) => unknown)(event);
        if (result instanceof Promise) result.catch((error: unknown) => this.#fail(error, name));
      } catch (error) {
        this.#fail(error, name);
      }
    }
  }

  #fail(error: unknown, name: keyof Events): void {
    try {
      this.#onFailure(error, name);
    } catch {
      // A logger that fails too: there is nobody left to tell, and the caller is evaluating a flag.
    }
  }

  #list<Name extends keyof Events>(name: Name): Listener<Events[Name]>[] {
    const known = this.#byName.get(name);
    // Whatever a list holds was put in under its own name.
    if (known !== undefined) return known as Listener<Events[Name]>[];
    const made: Listener<Events[Name]>[] = [];
    this.#byName.set(name, made);
    return made;
  }
}
