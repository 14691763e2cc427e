/** The same function, except that a failure of it, at once or later, harms nobody and is told nobody. */
export function harmless<Arguments extends readonly unknown[]>(
  act: (...args: Arguments) => unknown,
): (...args: Arguments) => void {
  return (...args) => {
    try {
      const result = act(...args);
      if (result instanceof Promise) result.catch(() => undefined);
    } catch {
      // What reports on others has nobody to report its own failures to.
    }
  };
}
