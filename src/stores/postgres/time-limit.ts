/**
 * Rejects if a promise takes longer than `limitMs`; `late` makes the error. What the promise does later harms nobody.
 * The timer keeps no process alive.
 */
export async function within<Value>(limitMs: number, promise: Promise<Value>, late: () => Error): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), limitMs).unref();
  });
  promise.catch(() => undefined);
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
