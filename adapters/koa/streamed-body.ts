/** What runs something inside a request's transaction context. */
interface Transaction {
  run<Result>(callback: () => Result): Result;
}

/**
 * Lets a body that is a stream be made inside the request's transaction context. Koa reads it when the last middleware
 * is done, outside of it: what a generator asks an OpenFeature client would be asked for nobody.
 */
export function keepStreamInside(body: unknown, transaction: Transaction): void {
  if (!isReadable(body)) return;
  const read = body._read.bind(body);
  body._read = (size) => transaction.run(() => read(size));
}

/** Also a stream of the package `readable-stream`, which is none of Node's. */
function isReadable(body: unknown): body is ReadableSource {
  return typeof (body as Partial<ReadableSource> | null | undefined)?._read === 'function';
}

/** The part of a readable stream that makes its content. */
interface ReadableSource {
  _read(size: number): void;
}
