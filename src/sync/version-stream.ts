import { EventStreams } from '../http/event-streams.js';
import type { HttpAnswer } from '../http/http-answer.js';
import type { StreamedVersion } from '../stores/http/flag-lines.js';
import type { Edition } from './edition.js';
import type { SyncStreamOptions } from './sync-options.js';

/** Tells readers which version is served. It carries no flag, only what there is to ask for. */
export class VersionStream {
  readonly #streams: EventStreams;
  readonly #heartbeatSeconds: number;
  readonly #look: () => { readonly edition: Edition | undefined; readonly isStale: boolean };
  #told: string;

  /** @param look what is served, at the moment of the call */
  constructor(
    { heartbeatSeconds = 15, maxStreams = 10_000 }: SyncStreamOptions,
    look: () => { readonly edition: Edition | undefined; readonly isStale: boolean },
  ) {
    this.#streams = new EventStreams({ heartbeatMs: heartbeatSeconds * 1_000, maxStreams });
    this.#heartbeatSeconds = heartbeatSeconds;
    this.#look = look;
    this.#told = this.#event();
  }

  /** Something may be another than before. */
  tell(): void {
    const event = this.#event();
    if (event === this.#told) return;
    this.#told = event;
    this.#streams.send(event);
  }

  /**
   * The answer to one more reader.
   * @throws RequestProblem (503) if too many listen already, or the stream was closed
   */
  answer(): HttpAnswer {
    return this.#streams.answer(() => this.#event());
  }

  close(): void {
    this.#streams.close();
  }

  #event(): string {
    const { edition, isStale } = this.#look();
    const data: StreamedVersion = {
      ...(edition !== undefined && { tag: edition.tag, version: edition.version }),
      stale: isStale,
      heartbeatSeconds: this.#heartbeatSeconds,
    };
    return `event: version\ndata: ${JSON.stringify(data)}\n\n`;
  }
}
