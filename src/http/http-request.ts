/**
 * A request as our handlers read it, whatever it came through. It is cheaper to make than a `Request`, which is most of
 * what a small answer would cost.
 */
export interface HttpRequest {
  /** In upper case. */
  readonly method: string;
  /** The path as the client wrote it, escapes and all, below where the handler is mounted. */
  readonly path: string;
  /** Where the handler is mounted, as the client wrote it: `''` at the root, otherwise like `/flags`. */
  readonly mountPath: string;
  readonly query: URLSearchParams;
  /** Where the connection comes from, as far as the framework trusts what a proxy says; `undefined`: nobody knows. */
  readonly clientAddress: string | undefined;
  /** The framework's own request; `undefined` where there is no framework. */
  readonly native: unknown;
  /** A header by its lower-case name. */
  header(name: string): string | undefined;
  /**
   * Reads the body, once.
   * @throws RequestProblem (413) if it is longer than that; ClientGoneError if it breaks off
   */
  readBody(maxBytes: number): Promise<RequestBody>;
  /** The same without its body, for what users write. Its signal is aborted when the client goes away. */
  toFetch(): Request;
}

/** A body as it came, or what a body parser that ran before has made of it. */
export type RequestBody = { readonly bytes: Buffer } | { readonly parsed: unknown };
