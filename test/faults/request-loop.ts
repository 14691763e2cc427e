import { Agent, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

/** How long the loop rests between two requests, in milliseconds. */
const restMs = 10;

/** What the service answered to the latest requests. */
export interface Answers {
  /** What the flag `round` gives. */
  readonly round: string | undefined;
  /** Whether the kill switch `payments` lets requests pass. */
  readonly isPaying: boolean | undefined;
}

/** What happened since the last time that somebody asked. */
export interface LoopFigures {
  readonly requests: number;
  readonly failures: readonly string[];
  readonly longestMs: number;
}

/** Asks a service again and again, one request after the other, and looks at every answer. */
export class RequestLoop {
  readonly #origin: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #rounds: ReadonlySet<string>;
  readonly #watchers = new Set<(answers: Answers) => void>();
  /** Whether `payments` must be off, on, or either of them. */
  expected: 'blocked' | 'paying' | 'either' = 'blocked';
  #answers: Answers = { round: undefined, isPaying: undefined };
  #figures = nothing;
  #isOver = false;
  readonly #running: Promise<void>;

  /** @param rounds what the flag `round` may give; anything else is a failure */
  constructor(origin: string, rounds: readonly string[]) {
    this.#origin = origin;
    this.#rounds = new Set(rounds);
    this.#running = this.#run();
  }

  /** What happened since the last call. */
  figures(): LoopFigures {
    const figures = this.#figures;
    this.#figures = nothing;
    return figures;
  }

  /** Resolves when the service has given these answers. */
  answered(wanted: Answers): Promise<void> {
    return new Promise((resolve) => {
      const watcher = ({ round, isPaying }: Answers): void => {
        if (round !== wanted.round || isPaying !== wanted.isPaying) return;
        this.#watchers.delete(watcher);
        resolve();
      };
      this.#watchers.add(watcher);
    });
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#running;
    this.#agent.destroy();
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      await this.#measure(() => this.#askRound());
      await this.#measure(() => this.#pay());
      for (const watcher of this.#watchers) watcher(this.#answers);
      await wait(restMs);
    }
  }

  async #measure(ask: () => Promise<void>): Promise<void> {
    const begin = performance.now();
    const failure = await ask().catch(String);
    const { requests, failures, longestMs } = this.#figures;
    this.#figures = {
      requests: requests + 1,
      failures: failure === undefined ? failures : [...failures, failure],
      longestMs: Math.max(longestMs, performance.now() - begin),
    };
  }

  async #askRound(): Promise<void> {
    const { status, text } = await this.#send('GET', '/round');
    const round: unknown = status === 200 ? JSON.parse(text) : undefined;
    if (typeof round !== 'string' || !this.#rounds.has(round)) throw new Error(`round: ${status} ${text}`);
    this.#answers = { ...this.#answers, round };
  }

  async #pay(): Promise<void> {
    const { status, text } = await this.#send('POST', '/pay');
    const isPaying = status === 200;
    if (!isPaying && status !== 503) throw new Error(`payments: ${status} ${text}`);
    if (this.expected !== 'either' && isPaying !== (this.expected === 'paying')) {
      throw new Error(`payments: ${status}, expected ${this.expected}`);
    }
    this.#answers = { ...this.#answers, isPaying };
  }

  #send(method: string, path: string): Promise<{ readonly status: number | undefined; readonly text: string }> {
    return new Promise((resolve, reject) => {
      request(`${this.#origin}${path}`, { method, agent: this.#agent }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode, text })).on('error', reject);
      })
        .on('error', reject)
        .end();
    });
  }
}

const nothing: LoopFigures = { requests: 0, failures: [], longestMs: 0 };
