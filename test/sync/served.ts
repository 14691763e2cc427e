import {
  createHalyard,
  type FlagDocument,
  type Halyard,
  type HalyardOptions,
  memoryStore,
  type MemoryStore,
} from 'halyard';
import { createNodeListener, type FetchHandler, syncHandler, type SyncOptions } from 'halyard/sync';
import { type Mock, vi } from 'vitest';
import { type Answer, ask, type Question } from '../contracts/http-client.js';
import { type Endings, listen } from '../ofrep/service.js';

export const token = 'the-token-of-the-tests';

export const shop: FlagDocument = {
  version: 1,
  flags: {
    'new-checkout': { rollout: 10, rules: [{ when: { segment: 'staff' }, serve: 'on' }] },
    payments: { kind: 'operational' },
    'button-color': { variants: { control: 'blue', a: 'green' }, offVariant: 'control', serve: 'a' },
  },
  segments: { staff: { staff: true } },
};

export const why = { by: 'ana', reason: 'because' };

/** A Halyard that serves others. */
export interface Served {
  readonly halyard: Halyard;
  readonly store: MemoryStore;
  readonly handler: FetchHandler;
  readonly origin: string;
  readonly url: string;
  readonly log: ReturnType<typeof quietLogger>;
  /** Asks with the right token, unless the question has another. */
  readonly ask: (question?: Question, path?: string) => Promise<Answer>;
}

/** Serves a store's flags by Node alone. */
export async function serveFlags(
  endings: Endings,
  {
    flags = shop,
    options = {},
    ...halyardOptions
  }: { flags?: FlagDocument; options?: SyncOptions } & Partial<HalyardOptions> = {},
): Promise<Served> {
  const store = memoryStore(flags);
  const log = quietLogger();
  const halyard = await createHalyard({ store, logger: log, ...halyardOptions });
  endings.add(() => halyard.close());
  const handler = syncHandler(halyard, options.authorise === undefined ? { token, ...options } : options);
  const origin = await listen(endings, createNodeListener(handler));
  const url = `${origin}${options.path ?? '/halyard'}`;
  return {
    halyard,
    store,
    handler,
    origin,
    url,
    log,
    ask: (question = {}, path = '') =>
      ask(`${url}${path}`, { ...question, headers: { authorization: `Bearer ${token}`, ...question.headers } }),
  };
}

type Log = (fields: object, message: string) => void;

export function quietLogger(): Record<'debug' | 'info' | 'warn' | 'error', Mock<Log>> {
  return { debug: vi.fn<Log>(), info: vi.fn<Log>(), warn: vi.fn<Log>(), error: vi.fn<Log>() };
}

/** The heading and the lines of an answer. */
export function linesOf({ text }: Answer): readonly [heading: Record<string, unknown>, ...lines: unknown[][]] {
  const [heading, ...lines] = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  return [heading as Record<string, unknown>, ...(lines as unknown[][])];
}
