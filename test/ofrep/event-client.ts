import { once } from 'node:events';
import { type ClientRequest, get, type IncomingMessage } from 'node:http';

/** One event of a stream. */
export interface ServerEvent {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: string | undefined;
}

/** Listens to server-sent events, as the bytes come. */
export class EventClient {
  readonly response: IncomingMessage;
  readonly #request: ClientRequest;
  readonly #blocks: string[] = [];
  #rest = '';
  #wake: () => void = () => undefined;
  #isOver = false;

  private constructor(request: ClientRequest, response: IncomingMessage) {
    this.#request = request;
    this.response = response;
    response.setEncoding('utf8').on('data', (text: string) => {
      const parts = (this.#rest + text).split('\n\n');
      this.#rest = parts.pop() ?? '';
      this.#blocks.push(...parts);
      this.#wake();
    });
    response
      .on('error', () => undefined)
      .on('close', () => {
        this.#isOver = true;
        this.#wake();
      });
  }

  static async open(url: string, headers: Record<string, string> = {}): Promise<EventClient> {
    const request = get(url, { headers, agent: false });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    request.on('error', () => undefined);
    return new EventClient(request, response);
  }

  /** The next block, a comment included; `undefined` when the stream is over. */
  async next(): Promise<string | undefined> {
    while (this.#blocks.length === 0 && !this.#isOver) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#blocks.shift();
  }

  /** The next event that has data; `undefined` when the stream is over. */
  async nextEvent(): Promise<ServerEvent | undefined> {
    for (;;) {
      const block = await this.next();
      if (block === undefined) return undefined;
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
      if (field('data') !== undefined) return { id: field('id'), event: field('event'), data: field('data') };
    }
  }

  /** Goes away without a word. */
  leave(): void {
    this.#request.destroy();
  }
}
