/** The longest that a timer can wait, in milliseconds. */
const LONG_MS = 2 ** 31 - 1;

/**
 * Keeps the process alive while somebody waits for what runs in the background otherwise, such as a report on a connection
 * that doesn't.
 */
export async function stayAwake<Value>(promise: Promise<Value>): Promise<Value> {
  const timer = setTimeout(() => undefined, LONG_MS);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}
