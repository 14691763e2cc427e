/** How a service's process is. */
export interface Vitals {
  /** What Halyard's health says. */
  readonly status: string;
  readonly version: string | undefined;
  /** Rejections and exceptions that nobody handled. */
  readonly unhandled: readonly string[];
  /** What Halyard warned of, and its errors. */
  readonly logged: readonly string[];
  /** After a collection. */
  readonly heapBytes: number;
  /** What keeps the process alive. */
  readonly resources: number;
  /** Open files and sockets; 0 where the system doesn't tell. */
  readonly descriptors: number;
}
