import { OpenFeature, ProviderEvents, ProviderStatus } from '@openfeature/server-sdk';
import { type FlagStore, memoryStore } from 'halyard';
import { describe, expect, it } from 'vitest';
import { newClient, nextTurn, recordEvents, startHalyard } from './registration.js';
import { ScriptedStore } from './scripted-store.js';

const register = async (store: FlagStore) => {
  const halyard = await startHalyard(store);
  const registration = newClient();
  await OpenFeature.setProviderAndWait(registration.domain, halyard.provider).catch(() => {});
  registration.events.length = 0;
  return { halyard, ...registration };
};

describe('PROVIDER_CONFIGURATION_CHANGED', () => {
  it('names added, changed and removed flags, and those whose segment or prerequisite changed', async () => {
    const inSegment = { rules: [{ when: { segment: 'beta' }, serve: 'on' }], serve: 'off' } as const;
    const requiring = { requires: [{ flag: 'changed', variant: 'on' }] } as const;
    const store = new ScriptedStore().serve(
      { same: {}, changed: {}, removed: {}, inSegment, requiring },
      { beta: { beta: true } },
    );
    const { halyard, events } = await register(store);
    store.serve({ same: {}, changed: { serve: 'off' }, added: {}, inSegment, requiring }, { beta: { plan: 'beta' } });
    await halyard.refresh();
    expect(events).toHaveLength(1);
    expect(events[0]?.type).toBe(ProviderEvents.ConfigurationChanged);
    expect(events[0]?.flagsChanged?.sort()).toEqual(['added', 'changed', 'inSegment', 'removed', 'requiring']);
  });

  it('fires when the new values are live', async () => {
    const store = memoryStore({ version: 1, flags: { flag: {} } });
    const { halyard, client } = await register(store);
    const values: Promise<boolean>[] = [];
    client.addHandler(
      ProviderEvents.ConfigurationChanged,
      () => void values.push(client.getBooleanValue('flag', true)),
    );
    store.set({ version: 1, flags: { flag: { enabled: false } } });
    await halyard.refresh();
    expect(await Promise.all(values)).toEqual([false]);
  });

  it('comes of a kill and of an override, too', async () => {
    const { halyard, events } = await register(memoryStore({ version: 1, flags: { flag: {} } }));
    const changed = { type: ProviderEvents.ConfigurationChanged, flagsChanged: ['flag'] };
    halyard.override('flag', 'off');
    expect(events).toEqual([changed]);
    halyard.override('flag', undefined);
    await halyard.kill('flag', { by: 'ana', reason: 'test' });
    expect(events).toEqual([changed, changed, changed]);
  });

  it('does not come of a document that is the same', async () => {
    const store = memoryStore({ version: 1, flags: { flag: {} } });
    const { halyard, events } = await register(store);
    store.set({ version: 1, flags: { flag: {} } });
    await halyard.refresh();
    expect(events).toEqual([]);
  });
});

describe('PROVIDER_STALE', () => {
  it('says why, while the last good flags serve; PROVIDER_READY follows on recovery, once', async () => {
    const store = new ScriptedStore().serve({ flag: {} });
    const { halyard, client, events } = await register(store);
    store.fail('no route to host');
    await halyard.refresh();
    await halyard.refresh();
    expect(events).toEqual([{ type: ProviderEvents.Stale, message: 'no route to host' }]);
    expect(client.providerStatus).toBe(ProviderStatus.STALE);
    expect(await client.getBooleanValue('flag', false)).toBe(true);

    store.serve({ flag: {} });
    await halyard.refresh();
    await halyard.refresh();
    expect(events.slice(1)).toEqual([{ type: ProviderEvents.Ready }]);
    expect(client.providerStatus).toBe(ProviderStatus.READY);
  });

  it('comes of a document that is refused', async () => {
    const store = new ScriptedStore().serve({ flag: {} });
    const { halyard, events } = await register(store);
    store.serveText('version: 1\nflags: { flag: { percentage: 5 } }\n');
    await halyard.refresh();
    expect(events).toMatchObject([
      { type: ProviderEvents.Stale, message: expect.stringContaining('rollout') as string },
    ]);
  });

  it('follows PROVIDER_READY when a stale Halyard is registered', async () => {
    const store = new ScriptedStore().serve({ flag: {} });
    const halyard = await startHalyard(store);
    store.fail('gone');
    await halyard.refresh();
    const { domain, client, events } = newClient();
    await OpenFeature.setProviderAndWait(domain, halyard.provider);
    await nextTurn();
    expect(events).toEqual([{ type: ProviderEvents.Ready }, { type: ProviderEvents.Stale, message: 'gone' }]);
    expect(client.providerStatus).toBe(ProviderStatus.STALE);
  });
});

describe('a start while the store is away', () => {
  it('is PROVIDER_READY, then PROVIDER_STALE, once; PROVIDER_CONFIGURATION_CHANGED and PROVIDER_READY follow', async () => {
    const store = new ScriptedStore().fail('no route to host');
    const bootstrap = { version: 1, flags: { flag: {} } } as const;
    const halyard = await startHalyard(store, { bootstrap });
    const { domain, client, events } = newClient();
    await OpenFeature.setProviderAndWait(domain, halyard.provider);
    await nextTurn();
    await nextTurn();
    expect(events).toEqual([
      { type: ProviderEvents.Ready },
      { type: ProviderEvents.Stale, message: 'no route to host' },
    ]);
    expect(client.providerStatus).toBe(ProviderStatus.STALE);
    expect(await client.getBooleanValue('flag', false)).toBe(true);

    store.serve({ flag: { serve: 'off' } });
    await halyard.refresh();
    expect(events.slice(2)).toEqual([
      { type: ProviderEvents.ConfigurationChanged, flagsChanged: ['flag'] },
      { type: ProviderEvents.Ready },
    ]);
    expect(client.providerStatus).toBe(ProviderStatus.READY);
  });
});

describe('PROVIDER_ERROR (5.1.4: with message and code)', () => {
  it('is GENERAL for a store that fails with nothing loaded; the same failure is told once', async () => {
    const store = new ScriptedStore().fail('first');
    const { halyard, client, events } = await register(store);
    await halyard.refresh();
    expect(events).toEqual([]);
    store.fail('second');
    await halyard.refresh();
    await halyard.refresh();
    expect(events).toEqual([{ type: ProviderEvents.Error, message: 'second', errorCode: 'GENERAL' }]);
    expect(client.providerStatus).toBe(ProviderStatus.ERROR);
  });

  it('is PARSE_ERROR for a document that is refused', async () => {
    const store = new ScriptedStore().fail('not there');
    const { halyard, events } = await register(store);
    store.serveText('version: 1\nflags: [\n');
    await halyard.refresh();
    expect(events).toMatchObject([{ type: ProviderEvents.Error, errorCode: 'PARSE_ERROR' }]);
    expect(events[0]?.message).toContain('scripted.yaml');
  });

  it('is followed by PROVIDER_READY when flags can be loaded at last', async () => {
    const store = new ScriptedStore().fail('not there');
    const { halyard, client, events } = await register(store);
    store.serve({ flag: {} });
    await halyard.refresh();
    expect(events).toEqual([
      { type: ProviderEvents.ConfigurationChanged, flagsChanged: ['flag'] },
      { type: ProviderEvents.Ready },
    ]);
    expect(client.providerStatus).toBe(ProviderStatus.READY);
    expect(await client.getBooleanValue('flag', false)).toBe(true);
  });

  it('does not come while flags serve', async () => {
    const store = new ScriptedStore('flags').serve({ flag: {} });
    const { halyard, events } = await register(store);
    store.serveText('version: 1\nflags: { flag: { rollout: lots }, other: {} }\n');
    await halyard.refresh();
    expect(events).toEqual([{ type: ProviderEvents.ConfigurationChanged, flagsChanged: ['other'] }]);
  });
});

describe('event handlers', () => {
  it('of the API hear of the provider and its domain', async () => {
    const heard: unknown[] = [];
    const handler = (details: unknown) => void heard.push(details);
    OpenFeature.addHandler(ProviderEvents.ConfigurationChanged, handler);
    const { halyard, domain } = await register(memoryStore({ version: 1, flags: { flag: {} } }));
    halyard.override('flag', 'off');
    OpenFeature.removeHandler(ProviderEvents.ConfigurationChanged, handler);
    expect(heard).toMatchObject([{ providerName: 'halyard', domain, flagsChanged: ['flag'] }]);
  });

  it('of another provider hear nothing', async () => {
    const { events } = await register(memoryStore({ version: 1, flags: { flag: {} } }));
    const other = await register(memoryStore({ version: 1, flags: { flag: {} } }));
    other.halyard.override('flag', 'off');
    expect(events).toEqual([]);
    expect(other.events).toHaveLength(1);
  });

  it('that throw harm neither Halyard nor the other handlers', async () => {
    const { halyard, client } = await register(memoryStore({ version: 1, flags: { flag: {} } }));
    client.setLogger({ debug: () => {}, info: () => {}, warn: () => {}, error: () => {} });
    client.addHandler(ProviderEvents.ConfigurationChanged, () => {
      throw new Error('of the application');
    });
    const events = recordEvents(client);
    halyard.override('flag', 'off');
    expect(events).toContainEqual({ type: ProviderEvents.ConfigurationChanged, flagsChanged: ['flag'] });
    expect(halyard.boolean('flag', true)).toBe(false);
  });
});
