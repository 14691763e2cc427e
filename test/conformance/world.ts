import { randomUUID } from 'node:crypto';
import {
  type Client,
  type EvaluationContext,
  type EvaluationDetails,
  type FlagEvaluationOptions,
  type FlagValue,
  OpenFeature,
} from '@openfeature/server-sdk';
import { createHalyard, type FlagDocument, type FlagStore, type Halyard, type Logger, memoryStore } from 'halyard';

export type FlagType = 'boolean' | 'string' | 'integer' | 'float' | 'object';

/** A flag that a scenario speaks of. */
export interface AskedFlag {
  readonly type: FlagType;
  readonly key: string;
  readonly fallback: FlagValue;
}

const silent: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** What one scenario has done so far. */
export class World {
  readonly client: Client;
  readonly #domain = randomUUID();
  readonly #document: FlagDocument;
  readonly #halyards: Halyard[] = [];
  flag: AskedFlag | undefined;
  context: EvaluationContext = {};
  options: FlagEvaluationOptions = {};
  #details: EvaluationDetails<FlagValue> | undefined;
  /** The context that reached Halyard with the latest evaluation. */
  mergedContext: Readonly<Record<string, unknown>> | undefined;

  constructor(document: FlagDocument) {
    this.#document = document;
    this.client = OpenFeature.getClient(this.#domain);
  }

  /** Registers a Halyard of its own; waits for it unless the scenario is about one that never gets ready. */
  async register(halyard: Halyard, waits: boolean): Promise<void> {
    this.#halyards.push(halyard);
    halyard.on('evaluation', ({ context }) => {
      this.mergedContext = context;
    });
    // The client's status tells of a failure.
    const registered = OpenFeature.setProviderAndWait(this.#domain, halyard.provider).catch(() => {});
    if (waits) await registered;
  }

  /** A Halyard that serves the suite's flags, from a store that fails or hangs where `failure` says so. */
  start(failure: () => Promise<never> | undefined = () => undefined): Promise<Halyard> {
    const flags = memoryStore(this.#document);
    const store: FlagStore = {
      name: 'suite',
      refuses: 'whole',
      load: () => failure() ?? flags.load(),
      close: () => flags.close(),
    };
    return createHalyard({ store, logger: silent, startWithout: true, startTimeoutMs: 5, watch: false });
  }

  evaluate(): Promise<EvaluationDetails<FlagValue>> {
    const { type, key, fallback } = this.asked;
    const { client, context, options } = this;
    switch (type) {
      case 'boolean':
        return client.getBooleanDetails(key, fallback as boolean, context, options);
      case 'string':
        return client.getStringDetails(key, fallback as string, context, options);
      case 'integer':
      case 'float':
        return client.getNumberDetails(key, fallback as number, context, options);
      case 'object':
        return client.getObjectDetails(key, fallback, context, options);
    }
  }

  get asked(): AskedFlag {
    if (this.flag === undefined) throw new Error('The scenario has named no flag.');
    return this.flag;
  }

  get details(): EvaluationDetails<FlagValue> {
    if (this.#details === undefined) throw new Error('The scenario has evaluated nothing.');
    return this.#details;
  }

  set details(details: EvaluationDetails<FlagValue>) {
    this.#details = details;
  }

  async close(): Promise<void> {
    OpenFeature.setContext({});
    await OpenFeature.clearProviders();
    for (const halyard of this.#halyards) await halyard.close();
  }
}

/** A value as the suites write it in a step or a cell. */
export function readValue(type: string, text: string): FlagValue {
  const plain = text.replaceAll('\\"', '"');
  switch (type.toLowerCase()) {
    case 'string':
      return plain;
    case 'boolean':
    case 'integer':
    case 'float':
    case 'object':
      return JSON.parse(plain) as FlagValue;
    default:
      throw new Error(`An unknown type: ${type}`);
  }
}
