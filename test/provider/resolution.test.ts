import { AsyncLocalStorageTransactionContextPropagator, ErrorCode, OpenFeature } from '@openfeature/server-sdk';
import { type FlagDocument, memoryStore } from 'halyard';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RUNTIME } from '../../src/runtime/runtime.js';
import { newClient, startHalyard } from './registration.js';
import { ScriptedStore } from './scripted-store.js';

const document: FlagDocument = {
  version: 1,
  flags: {
    on: { owner: 'payments-team', kind: 'operational', metadata: { ticket: 'PAY-1', weight: 2, isRisky: false } },
    off: { enabled: false },
    greeting: { variants: { formal: 'Good day', short: 'hi' }, serve: 'short' },
    limit: { variants: { low: 1, high: 2.5 }, serve: 'high' },
    layout: { variants: { wide: { columns: [1, 2] }, narrow: {} }, serve: 'wide' },
    nothing: { variants: { red: 'r' }, serve: 'red', enabled: false },
    half: { rollout: 50 },
    staff: { rules: [{ name: 'staff', when: { role: 'staff' }, serve: 'on' }], serve: 'off' },
  },
};

const register = async () => {
  const halyard = await startHalyard(memoryStore(document));
  const { domain, client } = newClient();
  await OpenFeature.setProviderAndWait(domain, halyard.provider);
  return { halyard, client };
};

describe('2.1.1: the provider has a name', () => {
  it('is halyard, for the client too', async () => {
    const { halyard, client } = await register();
    expect(halyard.provider.metadata).toEqual({ name: 'halyard' });
    expect(client.metadata.providerMetadata).toEqual({ name: 'halyard' });
    expect(halyard.provider.runsOn).toBe('server');
  });
});

describe('2.2.2.1: a resolver for each type', () => {
  it('resolves booleans, strings, numbers and structures', async () => {
    const { client } = await register();
    expect(await client.getBooleanValue('on', false)).toBe(true);
    expect(await client.getStringValue('greeting', '')).toBe('hi');
    expect(await client.getNumberValue('limit', 0)).toBe(2.5);
    expect(await client.getObjectValue('layout', {})).toEqual({ columns: [1, 2] });
  });

  it('goes by the type that is asked for, whatever the default is', async () => {
    const { halyard, client } = await register();
    expect(await client.getObjectValue('layout', null)).toEqual({ columns: [1, 2] });
    expect(await client.getObjectValue('layout', 'a text is JSON as well')).toEqual({ columns: [1, 2] });
    expect(await client.getObjectDetails('greeting', 'a default')).toMatchObject({
      value: 'a default',
      errorCode: ErrorCode.TYPE_MISMATCH,
    });
    const missing = undefined as unknown as boolean;
    expect(await halyard.provider.resolveBooleanEvaluation('on', missing, {})).toMatchObject({ value: true });
    expect(await halyard.provider.resolveBooleanEvaluation('greeting', missing, {})).toMatchObject({
      value: undefined,
      errorCode: ErrorCode.TYPE_MISMATCH,
    });
  });
});

describe('2.2.3 to 2.2.6: value, variant and reason, without an error', () => {
  it.each([
    ['on', {}, { value: true, variant: 'on', reason: 'STATIC' }],
    ['off', {}, { value: false, variant: 'off', reason: 'DISABLED' }],
    ['staff', { role: 'staff' }, { value: true, variant: 'on', reason: 'TARGETING_MATCH' }],
    ['staff', { role: 'guest' }, { value: false, variant: 'off', reason: 'DEFAULT' }],
    ['half', { targetingKey: 'a' }, { reason: 'SPLIT' }],
  ])('of %s for %o', async (flagKey, context, expected) => {
    const { client } = await register();
    const details = await client.getBooleanDetails(flagKey, false, context);
    expect(details).toMatchObject(expected);
    expect(details.errorCode).toBeUndefined();
    expect(details.errorMessage).toBeUndefined();
  });

  it('has no variant where the default is the answer', async () => {
    const { client } = await register();
    const details = await client.getStringDetails('nothing', 'mine');
    expect(details).toEqual({ flagKey: 'nothing', value: 'mine', reason: 'DISABLED', flagMetadata: {} });
  });
});

describe('2.2.7: an error has its code and a message', () => {
  it.each([
    ['missing', {}, ErrorCode.FLAG_NOT_FOUND],
    ['greeting', {}, ErrorCode.TYPE_MISMATCH],
    ['half', {}, ErrorCode.TARGETING_KEY_MISSING],
    ['half', { targetingKey: '' }, ErrorCode.TARGETING_KEY_MISSING],
  ])('of %s for %o', async (flagKey, context, errorCode) => {
    const { client } = await register();
    const details = await client.getBooleanDetails(flagKey, true, context);
    expect(details).toMatchObject({ value: true, reason: 'ERROR', errorCode });
    expect(details.errorMessage).toMatch(/\w/);
    expect(details.variant).toBeUndefined();
  });

  it('of a flag that can not be understood is PARSE_ERROR', async () => {
    const store = new ScriptedStore('flags').serveText('version: 1\nflags:\n  good: {}\n  bad: { rollout: lots }\n');
    const halyard = await startHalyard(store);
    const resolve = (flagKey: string) => halyard.provider.resolveBooleanEvaluation(flagKey, false, {});
    expect(await resolve('good')).toMatchObject({ value: true });
    expect(await resolve('bad')).toMatchObject({ value: false, errorCode: ErrorCode.PARSE_ERROR });
  });

  it('before anything is loaded is PROVIDER_NOT_READY', async () => {
    const halyard = await startHalyard(new ScriptedStore().fail('down'));
    expect(await halyard.provider.resolveStringEvaluation('greeting', 'hello', {})).toMatchObject({
      value: 'hello',
      reason: 'ERROR',
      errorCode: ErrorCode.PROVIDER_NOT_READY,
    });
  });

  it('never is a rejection, whatever the context', async () => {
    const { halyard } = await register();
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error('no');
        },
        getOwnPropertyDescriptor: () => {
          throw new Error('no');
        },
      },
    );
    for (const context of [undefined, null, 5, 'text', hostile]) {
      const resolution = await halyard.provider.resolveBooleanEvaluation('staff', true, context as never);
      expect(typeof resolution.value).toBe('boolean');
    }
    expect(await halyard.provider.resolveBooleanEvaluation('staff', true, hostile)).toMatchObject({
      errorCode: 'GENERAL',
    });
  });
});

describe('2.2.9 and 2.2.10: flag metadata', () => {
  it("is the flag's own, and nothing that Halyard adds to its details", async () => {
    const { halyard } = await register();
    const resolve = (flagKey: string) => halyard.provider.resolveBooleanEvaluation(flagKey, false, { role: 'staff' });
    expect(await resolve('on')).toEqual({
      value: true,
      variant: 'on',
      reason: 'STATIC',
      flagMetadata: { ticket: 'PAY-1', weight: 2, isRisky: false },
    });
    expect(Object.keys(await resolve('staff')).sort()).toEqual(['flagMetadata', 'reason', 'value', 'variant']);
    expect(Object.keys(await resolve('greeting')).sort()).toEqual([
      'errorCode',
      'errorMessage',
      'flagMetadata',
      'reason',
      'value',
    ]);
  });
});

describe('what an evaluation shares with others', () => {
  it('can not be changed by anyone: metadata and structures are frozen', async () => {
    const { client } = await register();
    const { value, flagMetadata } = await client.getObjectDetails('layout', {});
    expect(Object.isFrozen(flagMetadata)).toBe(true);
    expect(Object.isFrozen(value)).toBe(true);
    expect(Object.isFrozen((value as { columns: unknown }).columns)).toBe(true);
  });

  it("leaves the caller's context and default as they are", async () => {
    const { client } = await register();
    const context = { role: 'staff', nested: { list: [1] } };
    const fallback = { mine: true };
    const value = await client.getObjectValue('missing', fallback, context);
    expect(value).toBe(fallback);
    expect([Object.isFrozen(context), Object.isFrozen(fallback)]).toEqual([false, false]);
    expect(context).toEqual({ role: 'staff', nested: { list: [1] } });
  });
});

describe("a request's snapshot", () => {
  it('reaches the evaluation through the transaction context and a client of its own context', async () => {
    OpenFeature.setTransactionContextPropagator(new AsyncLocalStorageTransactionContextPropagator());
    const store = new ScriptedStore().serve({ flag: {} });
    const halyard = await startHalyard(store);
    const { domain, client } = newClient();
    await OpenFeature.setProviderAndWait(domain, halyard.provider);
    client.setContext({ region: 'eu' }).addHooks({ before: () => ({ added: true }) });
    const runtime = halyard[RUNTIME];
    const context = { [runtime.snapshotKey]: runtime.snapshot(), targetingKey: 'a' };
    store.serve({ flag: { enabled: false } });
    await halyard.refresh();

    const inRequest = await new Promise<boolean>((resolve) => {
      OpenFeature.setTransactionContext(context, () => resolve(client.getBooleanValue('flag', false, { plan: 'pro' })));
    });
    expect(inRequest).toBe(true);
    expect(await client.getBooleanValue('flag', false)).toBe(false);
  });

  it('of one Halyard is not seen by another', async () => {
    const [first, second] = [await startHalyard(memoryStore(document)), await startHalyard(memoryStore())];
    const context = { [second[RUNTIME].snapshotKey]: second[RUNTIME].snapshot() };
    onTestFinished(() => OpenFeature.clearProviders());
    expect(await first.provider.resolveBooleanEvaluation('on', false, context)).toMatchObject({ value: true });
  });
});

describe('4.3: hooks', () => {
  it('see the merged context and the details', async () => {
    const { client } = await register();
    const seen: unknown[] = [];
    client.addHooks({
      before: ({ flagKey, flagValueType }) => void seen.push([flagKey, flagValueType]),
      after: ({ context }, details) => void seen.push([context, details.value, details.variant, details.reason]),
      error: (_, error) => void seen.push(error),
    });
    await client.getBooleanValue('staff', false, { role: 'staff' });
    expect(seen).toEqual([
      ['staff', 'boolean'],
      [{ role: 'staff' }, true, 'on', 'TARGETING_MATCH'],
    ]);
  });

  it('see an error with its code', async () => {
    const { client } = await register();
    const codes: unknown[] = [];
    client.addHooks({
      error: (_, error) => void codes.push((error as { code?: unknown }).code),
      finally: (_, details) => void codes.push(details.errorCode),
    });
    await client.getBooleanValue('missing', false);
    expect(codes).toEqual(['FLAG_NOT_FOUND', 'FLAG_NOT_FOUND']);
  });
});
