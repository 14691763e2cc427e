import {
  MultiProvider,
  OpenFeature,
  ProviderEvents,
  ProviderStatus,
  TypedInMemoryProvider,
} from '@openfeature/server-sdk';
import { memoryStore } from 'halyard';
import { describe, expect, it } from 'vitest';
import { newClient, startHalyard } from './registration.js';
import { ScriptedStore } from './scripted-store.js';

describe('one Halyard under two domains', () => {
  it('tells both, and goes on when one of them is given up', async () => {
    const store = memoryStore({ version: 1, flags: { flag: {} } });
    const [halyard, other] = [await startHalyard(store), await startHalyard(memoryStore())];
    const [first, second] = [newClient(), newClient()];
    await OpenFeature.setProviderAndWait(first.domain, halyard.provider);
    await OpenFeature.setProviderAndWait(second.domain, halyard.provider);
    halyard.override('flag', 'off');
    const changed = { type: ProviderEvents.ConfigurationChanged, flagsChanged: ['flag'] };
    expect(first.events).toEqual([{ type: ProviderEvents.Ready }, changed]);
    expect(second.events).toEqual([{ type: ProviderEvents.Ready }, changed]);

    await OpenFeature.setProviderAndWait(first.domain, other.provider);
    halyard.override('flag', undefined);
    expect(first.events.slice(2)).toEqual([{ type: ProviderEvents.Ready }]);
    expect(second.events.slice(2)).toEqual([changed]);
    expect(await second.client.getBooleanValue('flag', false)).toBe(true);

    await OpenFeature.setProviderAndWait(second.domain, other.provider);
    halyard.override('flag', 'off');
    expect(second.events.slice(3)).toEqual([{ type: ProviderEvents.Ready }]);
  });

  it('and two Halyards in one process do not disturb each other', async () => {
    const [eu, us] = [new ScriptedStore().serve({ flag: {} }), new ScriptedStore().serve({ flag: { serve: 'off' } })];
    const [first, second] = [await startHalyard(eu), await startHalyard(us)];
    const [one, two] = [newClient(), newClient()];
    await OpenFeature.setProviderAndWait(one.domain, first.provider);
    await OpenFeature.setProviderAndWait(two.domain, second.provider);
    us.fail('down');
    await second.refresh();
    expect([one.client.providerStatus, two.client.providerStatus]).toEqual([
      ProviderStatus.READY,
      ProviderStatus.STALE,
    ]);
    expect([await one.client.getBooleanValue('flag', false), await two.client.getBooleanValue('flag', true)]).toEqual([
      true,
      false,
    ]);
  });
});

describe('MultiProvider', () => {
  const migration = async () => {
    const store = new ScriptedStore().serve({ moved: {}, both: { serve: 'off' } });
    const halyard = await startHalyard(store);
    const old = new TypedInMemoryProvider({
      both: { variants: { on: true }, defaultVariant: 'on', disabled: false },
      left: { variants: { red: 'r' }, defaultVariant: 'red', disabled: false },
    });
    const registration = newClient();
    const multi = new MultiProvider([{ provider: halyard.provider }, { provider: old }]);
    await OpenFeature.setProviderAndWait(registration.domain, multi);
    return { store, halyard, ...registration };
  };

  it('falls through to the next provider only for flags that Halyard lacks', async () => {
    const { client } = await migration();
    expect(await client.getBooleanDetails('moved', false)).toMatchObject({
      value: true,
      variant: 'on',
      reason: 'STATIC',
    });
    expect(await client.getBooleanValue('both', true)).toBe(false);
    expect(await client.getStringValue('left', '')).toBe('r');
    expect(await client.getBooleanDetails('nowhere', true)).toMatchObject({ value: true, reason: 'ERROR' });
  });

  it("passes Halyard's events on", async () => {
    const { store, halyard, client, events } = await migration();
    store.fail('down');
    await halyard.refresh();
    expect(client.providerStatus).toBe(ProviderStatus.STALE);
    store.serve({ moved: { enabled: false }, both: { serve: 'off' } });
    await halyard.refresh();
    expect(events).toEqual([
      { type: ProviderEvents.Ready },
      { type: ProviderEvents.Stale, message: 'down' },
      { type: ProviderEvents.ConfigurationChanged, flagsChanged: ['moved'] },
      { type: ProviderEvents.Ready },
    ]);
  });

  it('tracks with Halyard', async () => {
    const { halyard, client } = await migration();
    const names: string[] = [];
    halyard.on('track', ({ name }) => void names.push(name));
    client.track('purchase');
    expect(names).toEqual(['purchase']);
  });
});
