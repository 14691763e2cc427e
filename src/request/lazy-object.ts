/**
 * A read-only object that has the properties of whatever `read` returns at each access, so that nothing is made before
 * somebody looks. The symbols of `pinned` stand beside them; finding these reads nothing.
 */
export function createLazyObject(read: () => object, pinned: Readonly<Record<symbol, unknown>>): object {
  return new Proxy({}, new LazyHandler(read, pinned));
}

/** A class, because every request has one: its methods are made once. */
class LazyHandler implements ProxyHandler<object> {
  readonly #read: () => object;
  readonly #pinned: Readonly<Record<symbol, unknown>>;

  constructor(read: () => object, pinned: Readonly<Record<symbol, unknown>>) {
    this.#read = read;
    this.#pinned = pinned;
  }

  get(_: object, key: PropertyKey): unknown {
    return Reflect.get(this.#holderOf(key), key);
  }

  has(_: object, key: PropertyKey): boolean {
    return Reflect.has(this.#holderOf(key), key);
  }

  ownKeys(): (string | symbol)[] {
    return [...new Set([...Reflect.ownKeys(this.#read()), ...Reflect.ownKeys(this.#pinned)])];
  }

  getOwnPropertyDescriptor(_: object, key: PropertyKey): PropertyDescriptor | undefined {
    const descriptor = Reflect.getOwnPropertyDescriptor(this.#holderOf(key), key);
    // A proxy may only tell of properties that its own target lacks if they could still go away.
    return descriptor && { ...descriptor, configurable: true };
  }

  set(): boolean {
    return false;
  }

  defineProperty(): boolean {
    return false;
  }

  deleteProperty(): boolean {
    return false;
  }

  preventExtensions(): boolean {
    return false;
  }

  #holderOf(key: PropertyKey): object {
    return Object.hasOwn(this.#pinned, key) ? this.#pinned : this.#read();
  }
}
