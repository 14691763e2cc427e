import launchDarkly from '@launchdarkly/node-server-sdk';
import { TestData } from '@launchdarkly/node-server-sdk/integrations';
import { asReceived, COUNTRIES, FLAG, flagKeys, PERCENTAGE, PLANS } from '../flag.js';

export const name = 'LaunchDarkly';

/** The data model's form; weights are thousandths of a percent. */
export function write(count) {
  const flags = flagKeys(count).map((key) => ({
    key,
    version: 1,
    on: true,
    salt: key,
    variations: [true, false],
    offVariation: 1,
    targets: [],
    prerequisites: [],
    rules: [
      {
        id: 'rule',
        variation: 0,
        clauses: [
          { attribute: 'country', op: 'in', values: COUNTRIES, contextKind: 'user' },
          { attribute: 'plan', op: 'in', values: PLANS, contextKind: 'user' },
        ],
      },
    ],
    fallthrough: {
      rollout: {
        contextKind: 'user',
        variations: [
          { variation: 0, weight: PERCENTAGE * 1_000 },
          { variation: 1, weight: (100 - PERCENTAGE) * 1_000 },
        ],
      },
    },
  }));
  return asReceived(flags);
}

/** From its test data source, and without events, so that it counts nothing. */
export async function load(flags) {
  const data = new TestData();
  await Promise.all(flags.map((flag) => data.usePreconfiguredFlag(flag)));
  const client = launchDarkly.init('sdk-key', {
    updateProcessor: data.getFactory(),
    sendEvents: false,
    diagnosticOptOut: true,
    logger: { error: console.error, warn: console.error, info: () => undefined, debug: () => undefined },
  });
  await client.waitForInitialization({ timeout: 5 });

  async function sweep(contexts) {
    let on = 0;
    for (const context of contexts) if (await client.boolVariation(FLAG, context, false)) on += 1;
    return on;
  }

  return {
    contextOf: ({ id, country, plan }) => ({ kind: 'user', key: id, country, plan }),
    sweep,
    isOn: (key, context) => client.boolVariation(key, context, false),
    close: () => client.close(),
  };
}
