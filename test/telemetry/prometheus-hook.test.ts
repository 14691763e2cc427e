import {
  type Client,
  ErrorCode,
  type EvaluationContext,
  FirstMatchStrategy,
  FirstSuccessfulStrategy,
  type Hook,
  MultiProvider,
  OpenFeature,
  type Provider,
  TypedInMemoryProvider,
} from '@openfeature/server-sdk';
import { Counter, Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FlagDocument } from '../../src/flags/flag-document.js';
import { createHalyard } from '../../src/create-halyard.js';
import type { Halyard } from '../../src/halyard.js';
import type { HalyardOptions } from '../../src/halyard-options.js';
import { memoryStore } from '../../src/stores/memory-store.js';
import { prometheusHook } from '../../src/telemetry/prometheus-hook.js';
import { quietLogger } from './quiet-logger.js';
import { EVALUATIONS, scrape } from './scrape.js';

const document: FlagDocument = {
  version: 1,
  flags: { checkout: { rollout: 50 }, payments: {}, retired: { enabled: false, offVariant: null } },
};

const halyards: Halyard[] = [];
let registry: Registry;

beforeEach(() => {
  registry = new Registry();
});

afterEach(async () => {
  await OpenFeature.close();
  OpenFeature.clearHooks();
  OpenFeature.setContext({});
  await Promise.all(halyards.splice(0).map((halyard) => halyard.close()));
});

async function open(options: Partial<HalyardOptions> = {}): Promise<Halyard> {
  const halyard = await createHalyard({ store: memoryStore(document), logger: quietLogger, ...options });
  halyards.push(halyard);
  return halyard;
}

const counts = (): Promise<Record<string, number>> => scrape(registry, EVALUATIONS);

async function clientOf(provider: Provider): Promise<Client> {
  await OpenFeature.setProviderAndWait(provider);
  return OpenFeature.getClient();
}

const inMemory = (): Provider =>
  new TypedInMemoryProvider({
    theirs: { variants: { on: true, off: false }, defaultVariant: 'on', disabled: false },
  });

/** A provider that answers as it is told, whatever the flag. */
function scripted(answer: () => object): Provider {
  const resolve = () => Promise.resolve(answer() as never);
  return {
    metadata: { name: 'scripted' },
    runsOn: 'server',
    resolveBooleanEvaluation: resolve,
    resolveStringEvaluation: resolve,
    resolveNumberEvaluation: resolve,
    resolveObjectEvaluation: resolve,
  };
}

function throwing(error: unknown): () => never {
  return () => {
    throw error;
  };
}

describe('the Prometheus hook over another provider', () => {
  it('counts evaluations by flag, variant, reason and error, and says the same at a second scrape', async () => {
    OpenFeature.addHooks(prometheusHook(registry));
    const client = await clientOf(inMemory());
    await client.getBooleanValue('theirs', false);
    await client.getBooleanValue('theirs', false);
    await client.getStringValue('theirs', 'x');
    await client.getBooleanValue('no such flag', false);
    const expected = {
      'flag_key=theirs,variant=on,reason=static': 2,
      'flag_key=theirs,reason=error,error_type=type_mismatch': 1,
      'flag_key=_unknown,reason=error,error_type=flag_not_found': 1,
    };
    expect(await counts()).toEqual(expected);
    expect(await counts()).toEqual(expected);
  });

  it('counts a provider that throws as one error', async () => {
    const client = await clientOf(scripted(throwing(new Error('broken'))));
    client.addHooks(prometheusHook(registry));
    await client.getBooleanValue('any', false);
    await client.getBooleanValue('any', false, {}, { hooks: [{ after: throwing(new Error('hook')) }] });
    expect(await counts()).toEqual({ 'flag_key=_unknown,reason=error,error_type=general': 2 });
  });

  it('counts what a provider that is not ready was never asked', async () => {
    const client = OpenFeature.getClient('nobody');
    OpenFeature.setProvider('nobody', {
      ...scripted(() => ({ value: true })),
      initialize: () => new Promise(() => undefined),
    });
    client.addHooks(prometheusHook(registry));
    await client.getBooleanValue('any', false);
    expect(await counts()).toEqual({ 'flag_key=_unknown,reason=error,error_type=provider_not_ready': 1 });
  });

  it('counts an evaluation once however many hooks see it', async () => {
    const hook = prometheusHook(registry);
    OpenFeature.addHooks(hook, prometheusHook(registry));
    const client = await clientOf(inMemory());
    client.addHooks(hook);
    await client.getBooleanValue('theirs', false, {}, { hooks: [prometheusHook(registry), hook] });
    expect(await counts()).toEqual({ 'flag_key=theirs,variant=on,reason=static': 1 });
  });

  it('counts an evaluation that another hook let fail as an error', async () => {
    const client = await clientOf(inMemory());
    client.addHooks({ before: throwing(new Error('no')) }, prometheusHook(registry), {
      after: throwing(new Error('no')),
    });
    await client.getBooleanValue('theirs', false);
    expect(await counts()).toEqual({ 'flag_key=_unknown,reason=error,error_type=general': 1 });
  });

  it('keeps labels to known words, and to texts that are no trouble', async () => {
    OpenFeature.addHooks(prometheusHook(registry));
    let answer: object = { value: true, reason: 'because user-1 said so', variant: 'on' };
    const client = await clientOf(scripted(() => answer));
    await client.getBooleanValue('flag one', false);
    answer = { value: true, variant: 'user\n1' };
    await client.getBooleanValue('flag one', false);
    await client.getBooleanValue('a\nb', false);
    await client.getBooleanValue('x'.repeat(1 << 20), false);
    answer = { value: true, errorCode: 'user-1 is wrong' };
    await client.getBooleanValue('flag one', false);
    expect(await counts()).toEqual({
      'flag_key=flag one,variant=on,reason=other': 1,
      'flag_key=flag one,variant=_other,reason=unknown': 1,
      'flag_key=_other,variant=_other,reason=unknown': 2,
      'flag_key=flag one,reason=error,error_type=general': 1,
    });
  });

  it('makes at most 10,000 series, and counts what is above together', async () => {
    OpenFeature.addHooks(prometheusHook(registry));
    let serial = 0;
    const client = await clientOf(scripted(() => ({ value: true, reason: 'STATIC', variant: `variant-${serial}` })));
    for (; serial < 10_010; serial += 1) await client.getBooleanValue('flag', false);
    const series = await counts();
    expect(Object.keys(series)).toHaveLength(10_001);
    expect(series['flag_key=_other,reason=static']).toBe(10);
  });

  it('lays nothing into the context that a text format would show', async () => {
    let seen: EvaluationContext = {};
    const provider = scripted(() => ({ value: true }));
    const client = await clientOf({
      ...provider,
      resolveBooleanEvaluation: (_key, fallback, context) => {
        seen = context;
        return Promise.resolve({ value: fallback });
      },
    });
    client.addHooks(prometheusHook(registry));
    const given = { targetingKey: 'user-1', plan: 'pro' };
    await client.getBooleanValue('any', false, given);
    expect(JSON.stringify(seen)).toBe('{"targetingKey":"user-1","plan":"pro"}');
    expect(structuredClone({ ...seen })).toEqual(given);
    expect(Object.getOwnPropertySymbols(given)).toEqual([]);
  });

  it('refuses a registry with a metric of that name that is not Halyard’s', () => {
    new Counter({ name: EVALUATIONS, help: 'mine', registers: [registry] });
    expect(() => prometheusHook(registry)).toThrow(/already has a metric "feature_flag_evaluations_total"/);
  });
});

describe('the Prometheus hook beside a Halyard', () => {
  const places: Record<string, (client: Client, hook: Hook) => Hook[]> = {
    'for the API': (_client, hook) => {
      OpenFeature.addHooks(hook);
      return [];
    },
    'for a client': (client, hook) => {
      client.addHooks(hook);
      return [];
    },
    'for one call': (_client, hook) => [hook],
    'for all three': (client, hook) => {
      OpenFeature.addHooks(hook);
      client.addHooks(hook);
      return [hook];
    },
  };
  const providers: Record<string, (halyard: Halyard) => Provider> = {
    'as the provider': ({ provider }) => provider,
    'in a MultiProvider': ({ provider }) => new MultiProvider([{ provider }]),
    'first of a MultiProvider': ({ provider }) => new MultiProvider([{ provider }, { provider: inMemory() }]),
    'last of a MultiProvider': ({ provider }) => new MultiProvider([{ provider: inMemory() }, { provider }]),
    'in a MultiProvider that takes the first success': ({ provider }) =>
      new MultiProvider([{ provider: inMemory() }, { provider }], new FirstSuccessfulStrategy()),
    'in a MultiProvider in a MultiProvider': ({ provider }) =>
      new MultiProvider([{ provider: new MultiProvider([{ provider }]) }]),
  };

  for (const [where, place] of Object.entries(places)) {
    for (const [how, wrap] of Object.entries(providers)) {
      for (const order of ['before', 'after']) {
        it(`${where}, made ${order} the Halyard, counts nothing that a Halyard ${how} counts`, async () => {
          const early = order === 'before' ? prometheusHook(registry) : undefined;
          const halyard = await open({ registry });
          const client = await clientOf(wrap(halyard));
          const hooks = place(client, early ?? prometheusHook(registry));
          await client.getBooleanValue('payments', false, {}, { hooks });
          await client.getBooleanValue('retired', true, {}, { hooks });
          await client.getBooleanValue('checkout', false, { targetingKey: 'user-1' }, { hooks });
          await client.getBooleanValue(
            'payments',
            true,
            {},
            { hooks: [{ after: throwing(new Error('no')) }, ...hooks] },
          );
          halyard.boolean('payments', false);
          expect(await counts()).toEqual({
            'flag_key=payments,variant=on,reason=static': 3,
            'flag_key=retired,reason=disabled': 1,
            'flag_key=checkout,variant=off,reason=split': 1,
            // Where another provider was asked first, it didn't find the flags; what it says is in no final answer.
          });
        });
      }
    }
  }

  it.each(Object.entries(providers).filter(([how]) => !/first of|last of|success/.test(how)))(
    'counts no error twice, with a Halyard %s',
    async (_how, wrap) => {
      OpenFeature.addHooks(prometheusHook(registry));
      const client = await clientOf(wrap(await open({ registry })));
      await client.getBooleanValue('checkout', false);
      await client.getStringValue('payments', 'x');
      await client.getBooleanValue('nope', false);
      expect(await counts()).toEqual({
        'flag_key=checkout,reason=error,error_type=targeting_key_missing': 1,
        'flag_key=payments,reason=error,error_type=type_mismatch': 1,
        'flag_key=_unknown,reason=error,error_type=flag_not_found': 1,
      });
    },
  );

  it('counts what another provider answered after a Halyard had no such flag', async () => {
    OpenFeature.addHooks(prometheusHook(registry));
    const halyard = await open({ registry });
    const client = await clientOf(new MultiProvider([{ provider: halyard.provider }, { provider: inMemory() }]));
    await client.getBooleanValue('theirs', false);
    await client.getBooleanValue('nobody has it', false);
    expect(await counts()).toEqual({
      'flag_key=theirs,variant=on,reason=static': 1,
      // Twice by the Halyard, once for the other provider.
      'flag_key=_unknown,reason=error,error_type=flag_not_found': 3,
    });
  });

  it('counts the failure of another provider behind a Halyard, with its own code', async () => {
    OpenFeature.addHooks(prometheusHook(registry));
    const halyard = await open({ registry });
    const other = scripted(() => ({ value: false, errorCode: ErrorCode.PARSE_ERROR }));
    const client = await clientOf(
      new MultiProvider([{ provider: halyard.provider }, { provider: other }], new FirstMatchStrategy()),
    );
    await client.getBooleanValue('theirs', false);
    expect(await counts()).toEqual({
      'flag_key=_unknown,reason=error,error_type=flag_not_found': 1,
      'flag_key=theirs,reason=error,error_type=parse_error': 1,
    });
  });

  it('counts the evaluations of a Halyard without metrics', async () => {
    OpenFeature.addHooks(prometheusHook(registry));
    const client = await clientOf((await open({ kills: ['payments'] })).provider);
    await client.getBooleanValue('payments', true);
    await client.getBooleanValue('nope', false);
    expect(await counts()).toEqual({
      'flag_key=payments,variant=off,reason=disabled': 1,
      'flag_key=_unknown,reason=error,error_type=flag_not_found': 1,
    });
  });

  it('counts the evaluations of a Halyard with another registry', async () => {
    OpenFeature.addHooks(prometheusHook(registry));
    const other = new Registry();
    const client = await clientOf((await open({ registry: other })).provider);
    await client.getBooleanValue('payments', false);
    const expected = { 'flag_key=payments,variant=on,reason=static': 1 };
    expect(await counts()).toEqual(expected);
    expect(await scrape(other, EVALUATIONS)).toEqual(expected);
  });

  it('counts the evaluations of a Halyard after its end, which it no longer counts itself', async () => {
    OpenFeature.addHooks(prometheusHook(registry));
    const halyard = await open({ registry });
    const client = await clientOf(halyard.provider);
    await client.getBooleanValue('payments', false);
    await halyard.close();
    await client.getBooleanValue('payments', false);
    expect(await counts()).toEqual({ 'flag_key=payments,variant=on,reason=static': 2 });
  });

  it('is not misled by a context that was kept from another evaluation', async () => {
    const client = await clientOf(inMemory());
    client.addHooks(prometheusHook(registry));
    const halyard = await open({ registry });
    await OpenFeature.setProviderAndWait('ours', halyard.provider);
    const ours = OpenFeature.getClient('ours');
    let kept: EvaluationContext = {};
    ours.addHooks(prometheusHook(registry), { finally: ({ context }) => void (kept = context) });
    await ours.getBooleanValue('payments', false);
    await client.getBooleanValue('theirs', false, kept);
    await ours.getBooleanValue('payments', false, kept);
    expect(await counts()).toEqual({
      'flag_key=payments,variant=on,reason=static': 2,
      'flag_key=theirs,variant=on,reason=static': 1,
    });
  });

  it('knows a Halyard of another copy of the package', async () => {
    vi.resetModules();
    const copy = await import('../../src/create-halyard.js');
    const { memoryStore: otherStore } = await import('../../src/stores/memory-store.js');
    expect(copy.createHalyard).not.toBe(createHalyard);
    OpenFeature.addHooks(prometheusHook(registry));
    const halyard = await copy.createHalyard({ store: otherStore(document), registry, logger: quietLogger });
    halyards.push(halyard, await open({ registry }));
    const client = await clientOf(halyard.provider);
    await client.getBooleanValue('payments', false);
    await client.getBooleanValue('nope', false);
    halyards.at(-1)!.boolean('payments', false);
    expect(await counts()).toEqual({
      'flag_key=payments,variant=on,reason=static': 2,
      'flag_key=_unknown,reason=error,error_type=flag_not_found': 1,
    });
  });
});
