import { FlagdCore } from '@openfeature/flagd-core';
import { COUNTRIES, FLAG, flagKeys, openFeatureContext, PERCENTAGE, PLANS } from '../flag.js';

export const name = 'flagd-core';

const targeting = {
  if: [
    { and: [{ in: [{ var: 'country' }, COUNTRIES] }, { in: [{ var: 'plan' }, PLANS] }] },
    'on',
    {
      fractional: [
        ['on', PERCENTAGE],
        ['off', 100 - PERCENTAGE],
      ],
    },
  ],
};

/** It takes text and nothing else, so that reading JSON is part of its loading. */
export function write(count) {
  const flag = { state: 'ENABLED', variants: { on: true, off: false }, defaultVariant: 'off', targeting };
  return JSON.stringify({ flags: Object.fromEntries(flagKeys(count).map((key) => [key, flag])) });
}

export function load(text) {
  const core = new FlagdCore();
  core.setConfigurations(text);

  function sweep(contexts) {
    let on = 0;
    for (const context of contexts) if (core.resolveBooleanEvaluation(FLAG, false, context).value) on += 1;
    return on;
  }

  return {
    contextOf: openFeatureContext,
    sweep,
    isOn: (key, context) => core.resolveBooleanEvaluation(key, false, context).value,
    core,
    close: () => undefined,
  };
}
