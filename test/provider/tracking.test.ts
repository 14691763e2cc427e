import { OpenFeature } from '@openfeature/server-sdk';
import { memoryStore, type TrackEvent } from 'halyard';
import { describe, expect, it } from 'vitest';
import { newClient, startHalyard } from './registration.js';

const register = async () => {
  const halyard = await startHalyard(memoryStore());
  const { domain, client } = newClient();
  await OpenFeature.setProviderAndWait(domain, halyard.provider);
  const tracked: TrackEvent[] = [];
  halyard.on('track', (event) => void tracked.push(event));
  return { halyard, client, tracked };
};

describe('2.7.1: tracking', () => {
  it('tells listeners the name, the merged context and the details', async () => {
    const { client, tracked } = await register();
    client.setContext({ region: 'eu' });
    client.track('purchase', { targetingKey: 'user-1' }, { value: 99.5, currency: 'EUR' });
    client.track('visit');
    expect(tracked).toEqual([
      {
        name: 'purchase',
        context: { region: 'eu', targetingKey: 'user-1' },
        details: { value: 99.5, currency: 'EUR' },
      },
      { name: 'visit', context: { region: 'eu' }, details: {} },
    ]);
  });

  it('never throws, whether someone listens or what listeners do', async () => {
    const { halyard, client, tracked } = await register();
    halyard.on('track', () => {
      throw new Error('of the listener');
    });
    expect(() => halyard.provider.track('purchase', {}, {})).not.toThrow();
    expect(() => client.track('purchase')).not.toThrow();
    expect(tracked).toHaveLength(2);
  });
});
