import { NOOP_TRANSACTION_CONTEXT_PROPAGATOR, type Client, OpenFeature } from '@openfeature/server-sdk';
import { afterEach, beforeEach, type Mock, type TestContext, vi } from 'vitest';
import type { FlagDocument, WrittenFlag } from '../../../src/flags/flag-document.js';
import { createHalyard } from '../../../src/create-halyard.js';
import type { Halyard } from '../../../src/halyard.js';
import type { HalyardOptions } from '../../../src/halyard-options.js';
import type { HalyardEvents } from '../../../src/runtime/events.js';
import { type MemoryStore, memoryStore } from '../../../src/stores/memory-store.js';
import type { AdapterHarness, Step } from '../adapter-harness.js';
import { type Answer, ask, type Question } from '../http-client.js';

export const shop: FlagDocument = {
  version: 1,
  flags: {
    'pro-feature': { rules: [{ when: { plan: 'pro' }, serve: 'on' }], serve: 'off' },
    'new-checkout': { rollout: 50 },
    'by-browser': { rollout: { percentage: 50, by: 'anonymousId' } },
    banner: { variants: { spring: 'Spring!', none: '' }, offVariant: 'none', serve: 'spring' },
    payments: { kind: 'operational' },
    'pro-payments': { kind: 'operational', rules: [{ when: { plan: 'pro' }, serve: 'off' }], serve: 'on' },
    disabled: { enabled: false },
    needy: { requires: [{ flag: 'disabled', variant: 'on' }], serve: 'on' },
    'served-off': { serve: 'off' },
    beta: { targets: { on: ['ana'] }, serve: 'off' },
  },
};

export const withFlag = (key: string, flag: WrittenFlag): FlagDocument => ({
  ...shop,
  flags: { ...shop.flags, [key]: flag },
});

export const SECRET = 'a secret of more than 32 characters, first';
export const OLDER_SECRET = 'a secret of more than 32 characters, older';

/** A user for whom `pro-feature` and `beta` are on. */
export const proUser = { targetingKey: 'ana', plan: 'pro' };

/** Authentication in passport's manner: finds the user, and leaves it on the request. */
export const passport: Step = { before: (request) => (request.user = request.header('x-user')) };

export const showContext: Step = { route: '/', handle: (request) => request.flags.context };

export const pass: Step = { route: '/', handle: () => 'passed' };

/** A logger that only remembers. */
export const silent = (): Record<'debug' | 'info' | 'warn' | 'error', Mock> => ({
  debug: vi.fn(),
  info: vi.fn(),
  warn: vi.fn(),
  error: vi.fn(),
});

/** What the behaviours of the contract are tested with. Everything is closed after each test. */
export interface AdapterBench {
  /** Called after the test, the last first. */
  readonly endings: (() => unknown)[];
  /** A Halyard on `shop`. */
  readonly start: (options?: Partial<HalyardOptions>) => Promise<{ halyard: Halyard; store: MemoryStore }>;
  /** An application of these steps; returns what asks it. */
  readonly serve: (...steps: readonly Step[]) => Promise<(path: string, question?: Question) => Promise<Answer>>;
  readonly openFeatureClient: (halyard: Halyard) => Promise<Client>;
  /** The events from now on, as they come. */
  readonly listen: <Name extends keyof HalyardEvents>(halyard: Halyard, event: Name) => HalyardEvents[Name][];
  /** Changes the document, and waits until the new flags serve. */
  readonly change: (halyard: Halyard, store: MemoryStore, document: FlagDocument) => Promise<void>;
}

export function createBench(harness: AdapterHarness): AdapterBench {
  const endings: (() => unknown)[] = [];
  let test: TestContext | undefined;
  beforeEach((context) => {
    test = context;
  });
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
    await OpenFeature.clearProviders();
    OpenFeature.setTransactionContextPropagator(NOOP_TRANSACTION_CONTEXT_PROPAGATOR);
  });

  return {
    endings,
    async start(options = {}) {
      const store = memoryStore(shop);
      const halyard = await createHalyard({ store, logger: silent(), ...options });
      endings.push(() => halyard.close());
      return { halyard, store };
    },
    async serve(...steps) {
      const reason = harness.whyNot?.(steps);
      if (reason !== undefined) test?.skip(reason);
      const server = await harness.listen(steps);
      endings.push(() => server.close());
      return (path, question) => ask(server.url + path, question);
    },
    async openFeatureClient(halyard) {
      await OpenFeature.setProviderAndWait('contract', halyard.provider);
      return OpenFeature.getClient('contract');
    },
    listen(halyard, event) {
      const seen: HalyardEvents[typeof event][] = [];
      halyard.on(event, (each) => seen.push(each));
      return seen;
    },
    async change(halyard, store, document) {
      const changed = new Promise((resolve) => endings.push(halyard.on('change', resolve)));
      store.set(document);
      await changed;
    },
  };
}
