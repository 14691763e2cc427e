import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  createHalyard,
  type FlagDocument,
  type Halyard,
  type HalyardOptions,
  memoryStore,
  type MemoryStore,
} from 'halyard';
import { createNodeListener, ofrepHandler, type FetchHandler, type OfrepOptions } from 'halyard/ofrep';
import { vi } from 'vitest';
import { type Answer, ask, type Question } from '../contracts/http-client.js';

export const shop = {
  version: 1,
  flags: {
    'new-checkout': { clientSafe: true, rules: [{ when: { plan: 'pro' }, serve: 'on' }], rollout: 10 },
    'button-color': {
      clientSafe: true,
      variants: { control: 'blue', a: 'green' },
      offVariant: 'control',
      serve: 'a',
      owner: 'shop-team',
      description: 'Which colour',
      metadata: { page: 'checkout', experiment: true },
    },
    limits: { clientSafe: true, variants: { on: { perMinute: 60 }, off: { perMinute: 6 } } },
    secret: { rules: [{ when: { email: 'ana@example.com' }, serve: 'on' }], serve: 'off' },
  },
} satisfies FlagDocument;

/** What one test has running. */
export interface Service {
  readonly halyard: Halyard;
  readonly store: MemoryStore;
  readonly handler: FetchHandler;
  readonly url: string;
  readonly log: { readonly error: ReturnType<typeof vi.fn>; readonly warn: ReturnType<typeof vi.fn> };
  /** Posts to a path below `/ofrep/v1/evaluate/flags`; a body that is no text is written as JSON. */
  readonly evaluate: (path: string, body?: unknown, question?: Question) => Promise<Answer>;
  readonly ask: (path: string, question?: Question) => Promise<Answer>;
}

/** Ends what tests started, last first. */
export class Endings {
  readonly #endings: (() => unknown)[] = [];

  add(end: () => unknown): void {
    this.#endings.push(end);
  }

  async run(): Promise<void> {
    for (const end of this.#endings.splice(0).reverse()) await end();
  }
}

/** Serves flags by Node alone. */
export async function serveFlags(
  endings: Endings,
  {
    flags = shop,
    options = {},
    ...halyardOptions
  }: { flags?: FlagDocument; options?: OfrepOptions } & Partial<HalyardOptions> = {},
): Promise<Service> {
  const store = memoryStore(flags);
  const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const halyard = await createHalyard({ store, logger: log, ...halyardOptions });
  endings.add(() => halyard.close());
  const handler = ofrepHandler(halyard, options);
  const url = await listen(endings, createNodeListener(handler));
  const evaluate: Service['evaluate'] = (path, body = {}, question = {}) =>
    ask(`${url}/ofrep/v1/evaluate/flags${path}`, {
      method: 'POST',
      ...question,
      headers: { 'content-type': 'application/json', ...question.headers },
      body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
    });
  return { halyard, store, handler, url, log, evaluate, ask: (path, question) => ask(`${url}${path}`, question) };
}

/** Listens on a port that the system chooses. */
export async function listen(endings: Endings, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  endings.add(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A flag of a bulk answer. */
export function flagOf({ json }: Answer, key: string): unknown {
  const { flags } = json as { flags: { key: string }[] };
  return flags.find((flag) => flag.key === key);
}
