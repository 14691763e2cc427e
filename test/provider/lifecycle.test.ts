import {
  OpenFeature,
  ProviderEvents,
  ProviderFatalError,
  ProviderNotReadyError,
  ProviderStatus,
} from '@openfeature/server-sdk';
import { memoryStore } from 'halyard';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { newClient, startHalyard } from './registration.js';
import { ScriptedStore } from './scripted-store.js';

const flags = { version: 1, flags: { flag: {} } } as const;

afterEach(() => vi.useRealTimers());

describe('2.4.1: initialisation', () => {
  it('is done at once when flags are loaded', async () => {
    const halyard = await startHalyard(memoryStore(flags));
    const { domain, client, events } = newClient();
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    await OpenFeature.setProviderAndWait(domain, halyard.provider);
    expect(client.providerStatus).toBe(ProviderStatus.READY);
    expect(events).toEqual([{ type: ProviderEvents.Ready }]);
  });

  it('waits for a first load that still runs, and is ready once', async () => {
    const store = new ScriptedStore();
    const halyard = await startHalyard(store);
    const { domain, client, events } = newClient();
    const registered = OpenFeature.setProviderAndWait(domain, halyard.provider);
    expect(client.providerStatus).toBe(ProviderStatus.NOT_READY);
    store.serve(flags.flags);
    await registered;
    expect(await client.getBooleanValue('flag', false)).toBe(true);
    await halyard.refresh();
    expect(events).toEqual([{ type: ProviderEvents.Ready }]);
  });

  it('is ready once although some flags are refused', async () => {
    const store = new ScriptedStore('flags');
    const halyard = await startHalyard(store);
    const { domain, events } = newClient();
    const registered = OpenFeature.setProviderAndWait(domain, halyard.provider);
    store.serveText('version: 1\nflags:\n  good: {}\n  bad: { rollout: lots }\n');
    await registered;
    await halyard.refresh();
    expect(events).toEqual([{ type: ProviderEvents.Ready }]);
  });

  it('may come twice, from the SDK and from a provider around this one, and tells each event once', async () => {
    const halyard = await startHalyard(memoryStore(flags));
    const { domain, events } = newClient();
    await OpenFeature.setProviderAndWait(domain, halyard.provider);
    await halyard.provider.initialize();
    halyard.override('flag', 'off');
    expect(events.map(({ type }) => type)).toEqual([ProviderEvents.Ready, ProviderEvents.ConfigurationChanged]);
  });

  it('keeps no process alive while it waits', async () => {
    const halyard = await startHalyard(new ScriptedStore());
    const before = process.getActiveResourcesInfo();
    void halyard.provider.initialize().catch(() => {});
    expect(process.getActiveResourcesInfo()).toEqual(before);
  });
});

describe('2.4.2.1: initialisation that fails', () => {
  it('says why nothing could be loaded', async () => {
    const halyard = await startHalyard(new ScriptedStore().fail('the disk is on fire'));
    const { domain, client, events } = newClient();
    const registered = OpenFeature.setProviderAndWait(domain, halyard.provider);
    await expect(registered).rejects.toThrow(ProviderNotReadyError);
    await expect(registered).rejects.toThrow('the disk is on fire');
    await expect(registered).rejects.toMatchObject({ cause: new Error('the disk is on fire') });
    expect(client.providerStatus).toBe(ProviderStatus.ERROR);
    expect(events).toMatchObject([{ type: ProviderEvents.Error }]);
    expect(await client.getBooleanDetails('flag', true)).toMatchObject({
      value: true,
      errorCode: 'PROVIDER_NOT_READY',
    });
  });

  it('says so when the store fails while it waits', async () => {
    const store = new ScriptedStore();
    const halyard = await startHalyard(store);
    const { domain, events } = newClient();
    const registered = OpenFeature.setProviderAndWait(domain, halyard.provider);
    store.fail('refused');
    await expect(registered).rejects.toThrow('refused');
    expect(events).toHaveLength(1);
  });

  it('gives up waiting for a store that does not answer', async () => {
    const halyard = await startHalyard(new ScriptedStore());
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const outcome = expect(halyard.provider.initialize()).rejects.toThrow('has not answered');
    await vi.advanceTimersByTimeAsync(5_000);
    await outcome;
  });

  it('is fatal after the Halyard was closed', async () => {
    const halyard = await startHalyard(memoryStore(flags));
    await halyard.close();
    const { domain, client } = newClient();
    await expect(OpenFeature.setProviderAndWait(domain, halyard.provider)).rejects.toThrow(ProviderFatalError);
    expect(client.providerStatus).toBe(ProviderStatus.FATAL);
    expect(await client.getBooleanDetails('flag', true)).toMatchObject({ value: true, errorCode: 'PROVIDER_FATAL' });
  });
});

describe('2.5: shutdown', () => {
  it('ends the events, may be repeated, and leaves the Halyard open', async () => {
    const store = memoryStore(flags);
    const halyard = await startHalyard(store);
    const { domain, events } = newClient();
    await OpenFeature.setProviderAndWait(domain, halyard.provider);
    await halyard.provider.onClose();
    await halyard.provider.onClose();
    store.set({ version: 1, flags: { flag: { enabled: false } } });
    await halyard.refresh();
    expect(events).toEqual([{ type: ProviderEvents.Ready }]);
    expect(halyard.boolean('flag', true)).toBe(false);
    expect(halyard.health().status).toBe('ready');
  });

  it('may come before the first load has ended', async () => {
    const store = new ScriptedStore();
    const halyard = await startHalyard(store);
    const { domain, events } = newClient();
    const registered = OpenFeature.setProviderAndWait(domain, halyard.provider);
    await halyard.provider.onClose();
    store.serve(flags.flags);
    await registered;
    store.serve({});
    await halyard.refresh();
    expect(events).toEqual([{ type: ProviderEvents.Ready }]);
  });

  it('before any initialisation does nothing', async () => {
    const halyard = await startHalyard(memoryStore(flags));
    await expect(halyard.provider.onClose()).resolves.toBeUndefined();
  });

  it('by clearing the providers can be followed by another registration', async () => {
    const store = memoryStore(flags);
    const halyard = await startHalyard(store);
    const { domain, client, events } = newClient();
    await OpenFeature.setProviderAndWait(domain, halyard.provider);
    await OpenFeature.clearProviders();
    await OpenFeature.setProviderAndWait(domain, halyard.provider);
    expect(client.providerStatus).toBe(ProviderStatus.READY);
    store.set({ version: 1, flags: { flag: { enabled: false } } });
    await halyard.refresh();
    // The SDK (1.23) leaves its handlers on a provider that was cleared, so this event may reach the client twice.
    const [first, second, ...others] = events;
    expect([first, second]).toEqual([{ type: ProviderEvents.Ready }, { type: ProviderEvents.Ready }]);
    expect(others).toContainEqual({ type: ProviderEvents.ConfigurationChanged, flagsChanged: ['flag'] });
    expect(others).not.toContainEqual({ type: ProviderEvents.Ready });
    expect(await client.getBooleanValue('flag', true)).toBe(false);
  });

  it('by another provider can be followed by another registration', async () => {
    const store = memoryStore(flags);
    const [halyard, other] = [await startHalyard(store), await startHalyard(memoryStore())];
    const { domain, events } = newClient();
    await OpenFeature.setProviderAndWait(domain, halyard.provider);
    await OpenFeature.setProviderAndWait(domain, other.provider);
    await OpenFeature.setProviderAndWait(domain, halyard.provider);
    store.set({ version: 1, flags: {} });
    await halyard.refresh();
    expect(events.map(({ type }) => type)).toEqual([
      ProviderEvents.Ready,
      ProviderEvents.Ready,
      ProviderEvents.Ready,
      ProviderEvents.ConfigurationChanged,
    ]);
  });
});
