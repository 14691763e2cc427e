import { Registry } from 'prom-client';
import { FLAG, flagDocument, openFeatureContext } from '../flag.js';
import { createHalyard, memoryStore } from '../halyard.js';

export const name = 'Halyard';

export const write = flagDocument;

/** With metrics, as in production. */
export async function load(document) {
  const registry = new Registry();
  const halyard = await createHalyard({ store: memoryStore(document), registry });

  function sweep(contexts) {
    let on = 0;
    for (const context of contexts) if (halyard.boolean(FLAG, false, context)) on += 1;
    return on;
  }

  return {
    contextOf: openFeatureContext,
    sweep,
    isOn: (key, context) => halyard.boolean(key, false, context),
    halyard,
    counted: () => countedBy(registry),
    close: () => halyard.close(),
  };
}

/** How many evaluations the counters tell of. @param {Registry} registry */
async function countedBy(registry) {
  const { values } = await registry.getSingleMetric('feature_flag_evaluations_total').get();
  return values.reduce((sum, { value }) => sum + value, 0);
}
