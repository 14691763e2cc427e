/** What Halyard adds to an evaluation through an OpenFeature client, compared with a provider that knows its answer. */
import assert from 'node:assert/strict';
import { OpenFeature } from '@openfeature/server-sdk';
import * as halyard from '../contestants/halyard.js';
import { FLAG, matchesRule, openFeatureContext, units } from '../flag.js';
import { ns, number } from '../report.js';
import { median, takeTurns } from '../rounds.js';

const SWEEPS = 5;
const ROUNDS = 80;

const CONSTANT = Promise.resolve({ value: true, variant: 'on', reason: 'STATIC', flagMetadata: {} });
const constantProvider = {
  metadata: { name: 'constant' },
  runsOn: 'server',
  resolveBooleanEvaluation: () => CONSTANT,
};

export async function measure() {
  const { halyard: instance, close } = await halyard.load(halyard.write(1));
  await OpenFeature.setProviderAndWait('halyard', instance.provider);
  await OpenFeature.setProviderAndWait('constant', constantProvider);
  const contexts = units.map(openFeatureContext);
  const own = OpenFeature.getClient('halyard');
  const constant = OpenFeature.getClient('constant');

  const on = await sweepThrough(own, contexts);
  const targeted = units.filter(matchesRule).length;
  assert.ok(on > targeted && on < targeted * 2, `${on} units are on through OpenFeature`);
  assert.equal(await sweepThrough(constant, contexts), units.length);

  const durations = await takeTurns(
    { own: () => sweeps(own, contexts), constant: () => sweeps(constant, contexts) },
    { rounds: ROUNDS, warmUp: 20 },
  );
  await OpenFeature.clearProviders();
  await close();

  const perCall = (values) => (median(values) * 1e6) / (SWEEPS * units.length);
  // Each round's two turns stand next to each other, so that what slows one down slows down the other.
  const ratio = median(durations.own.map((duration, round) => duration / durations.constant[round]));
  return [
    {
      what: 'getBooleanValue() through OpenFeature',
      halyard: ns(perCall(durations.own)),
      against: `constant promise ${ns(perCall(durations.constant))}`,
      ratio: `+ ${number(100 * (ratio - 1))} %`,
      aim: '≤ + 5 %',
      met: ratio <= 1.05,
      figures: { nanoseconds: { halyard: perCall(durations.own), constant: perCall(durations.constant) }, ratio },
    },
  ];
}

async function sweeps(client, contexts) {
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) await sweepThrough(client, contexts);
}

async function sweepThrough(client, contexts) {
  let on = 0;
  for (const context of contexts) if (await client.getBooleanValue(FLAG, false, context)) on += 1;
  return on;
}
