import { randomUUID } from 'node:crypto';
import { type Client, OpenFeature, ProviderEvents } from '@openfeature/server-sdk';
import { createHalyard, type FlagStore, type Halyard, type HalyardOptions, type Logger } from 'halyard';
import { onTestFinished } from 'vitest';

const silent: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A Halyard that is closed when the test ends. It starts without flags if it must. */
export async function startHalyard(store: FlagStore, options: Partial<HalyardOptions> = {}): Promise<Halyard> {
  const halyard = await createHalyard({ store, logger: silent, startWithout: true, startTimeoutMs: 20, ...options });
  onTestFinished(() => halyard.close());
  return halyard;
}

/** A client of a domain that no other test uses, with the events that reached it. */
export function newClient(): { readonly domain: string; readonly client: Client; readonly events: RecordedEvent[] } {
  const domain = randomUUID();
  const client = OpenFeature.getClient(domain);
  return { domain, client, events: recordEvents(client) };
}

export interface RecordedEvent {
  readonly type: ProviderEvents;
  readonly flagsChanged?: string[];
  readonly message?: string;
  readonly errorCode?: string;
}

/** The events from now on, with what the provider says in them. */
export function recordEvents(emitter: Pick<Client, 'addHandler'>): RecordedEvent[] {
  const events: RecordedEvent[] = [];
  for (const type of Object.values(ProviderEvents)) {
    emitter.addHandler(type, (details) => {
      const { flagsChanged, message, errorCode } = details as Partial<RecordedEvent>;
      events.push({
        type,
        ...(flagsChanged && { flagsChanged }),
        ...(message && { message }),
        ...(errorCode && { errorCode }),
      });
    });
  }
  return events;
}

/** Runs until what was set for the next turns of the event loop has run. */
export async function nextTurn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
}
