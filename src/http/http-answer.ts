/** What a handler answers, for Node or a `Response`. */
export interface HttpAnswer {
  readonly status: number;
  /** A list is several headers of one name. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** `undefined`: none. */
  readonly body: string | Buffer | OpenBody | undefined;
}

/** A body that stays open. */
export interface OpenBody {
  /**
   * Called when the answer has begun.
   * @returns the function that is called when nobody reads any more, once
   */
  open(sink: BodySink): () => void;
}

export function isOpenBody(body: HttpAnswer['body']): body is OpenBody {
  return typeof body === 'object' && 'open' in body;
}

/** Where an open body is written to. */
export interface BodySink {
  /** @returns how many bytes wait because the client doesn't read them */
  write(text: string): number;
  /** Nothing more follows. */
  end(): void;
  /** Gives the client up. */
  abort(): void;
}
