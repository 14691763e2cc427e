import { once } from 'node:events';
import { InMemStorageProvider, Unleash } from 'unleash-client';
import { asReceived, COUNTRIES, FLAG, flagKeys, PERCENTAGE, PLANS } from '../flag.js';

export const name = 'unleash-client';

export function write(count) {
  const features = flagKeys(count).map((key) => ({
    name: key,
    type: 'release',
    project: 'default',
    enabled: true,
    stale: false,
    impressionData: false,
    variants: [],
    strategies: [
      {
        name: 'default',
        parameters: {},
        constraints: [
          { contextName: 'country', operator: 'IN', values: COUNTRIES },
          { contextName: 'plan', operator: 'IN', values: PLANS },
        ],
      },
      {
        name: 'flexibleRollout',
        parameters: { rollout: `${PERCENTAGE}`, stickiness: 'userId', groupId: key },
        constraints: [],
      },
    ],
  }));
  return asReceived(features);
}

/** From its bootstrap alone: without a refresh interval it never asks a server. It counts nothing then. */
export async function load(features) {
  const unleash = new Unleash({
    url: 'http://127.0.0.1:9/',
    appName: 'bench',
    refreshInterval: 0,
    disableMetrics: true,
    skipInstanceCountWarning: true,
    storageProvider: new InMemStorageProvider(),
    bootstrap: { data: features },
  });
  await once(unleash, 'ready');

  function sweep(contexts) {
    let on = 0;
    for (const context of contexts) if (unleash.isEnabled(FLAG, context, false)) on += 1;
    return on;
  }

  return {
    contextOf: ({ id, country, plan }) => ({ userId: id, properties: { country, plan } }),
    sweep,
    isOn: (key, context) => unleash.isEnabled(key, context, false),
    close: () => unleash.destroy(),
  };
}
