import { GrowthBookClient } from '@growthbook/growthbook';
import { asReceived, COUNTRIES, FLAG, flagKeys, PERCENTAGE, PLANS } from '../flag.js';

export const name = 'GrowthBook';

export function write(count) {
  const flag = {
    defaultValue: false,
    rules: [
      { condition: { country: { $in: COUNTRIES }, plan: { $in: PLANS } }, force: true },
      { coverage: PERCENTAGE / 100, hashAttribute: 'id', force: true },
    ],
  };
  return asReceived({ features: Object.fromEntries(flagKeys(count).map((key) => [key, flag])) });
}

export function load(payload) {
  const client = new GrowthBookClient().initSync({ payload });

  function sweep(contexts) {
    let on = 0;
    for (const context of contexts) if (client.isOn(FLAG, context)) on += 1;
    return on;
  }

  return {
    contextOf: (unit) => ({ attributes: { ...unit } }),
    sweep,
    isOn: (key, context) => client.isOn(key, context),
    close: () => client.destroy(),
  };
}
