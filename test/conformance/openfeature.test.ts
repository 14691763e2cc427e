import { join } from 'node:path';
import { AsyncLocalStorageTransactionContextPropagator, OpenFeature } from '@openfeature/server-sdk';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { contextSteps } from './context-steps.js';
import { evaluationSteps } from './evaluation-steps.js';
import { exclusionOf } from './exclusions.js';
import { readFeature } from './gherkin.js';
import { hookSteps } from './hook-steps.js';
import { asynchronousSteps } from './asynchronous-steps.js';
import { providerSteps } from './provider-steps.js';
import { runScenario } from './steps.js';
import { describeMissingSuite, findSuiteFolder } from './suite-folder.js';
import { readTestFlags } from './test-flags.js';
import { World } from './world.js';

const features = ['evaluation_v2.feature', 'contextMerging.feature', 'hooks.feature', 'metadata.feature'];
const definitions = [...providerSteps, ...evaluationSteps, ...asynchronousSteps, ...hookSteps, ...contextSteps];
const folder = findSuiteFolder('openfeature');

beforeAll(() => {
  OpenFeature.setTransactionContextPropagator(new AsyncLocalStorageTransactionContextPropagator());
});

if (folder === undefined) {
  const missing = describeMissingSuite('openfeature');
  console.warn(missing);
  it.skipIf(process.env['CI'] !== 'true')(missing, () => expect.fail(missing));
} else {
  const document = readTestFlags(join(folder, 'test-flags.json'));
  describe.each(features)('%s', (feature) => {
    for (const scenario of readFeature(join(folder, feature))) {
      const exclusion = exclusionOf(scenario);
      const title = `line ${scenario.line}: ${scenario.name}`;
      it.skipIf(exclusion !== undefined)(
        exclusion === undefined ? title : `${title} (not run: ${exclusion})`,
        async () => {
          const world = new World(document);
          onTestFinished(() => world.close());
          await runScenario(scenario, definitions, world);
        },
      );
    }
  });
}
