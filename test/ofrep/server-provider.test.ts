import { OFREPProvider } from '@openfeature/ofrep-provider';
import { type Client, ErrorCode, OpenFeature } from '@openfeature/server-sdk';
import { afterEach, describe, expect, it } from 'vitest';
import { Endings, type Service, serveFlags } from './service.js';

const endings = new Endings();
afterEach(() => endings.run());

let domains = 0;

async function connect({ url }: Service, headers?: [string, string][]): Promise<Client> {
  const domain = `ofrep-${(domains += 1)}`;
  await OpenFeature.setProviderAndWait(domain, new OFREPProvider({ baseUrl: url, ...(headers && { headers }) }));
  endings.add(() => OpenFeature.clearProviders());
  return OpenFeature.getClient(domain);
}

describe('@openfeature/ofrep-provider', () => {
  it('reads flags of every type', async () => {
    const client = await connect(await serveFlags(endings));
    const context = { targetingKey: 'user-1', plan: 'pro' };
    expect(await client.getBooleanDetails('new-checkout', false, context)).toMatchObject({
      value: true,
      variant: 'on',
      reason: 'TARGETING_MATCH',
    });
    expect(await client.getStringDetails('button-color', 'red')).toMatchObject({
      value: 'green',
      flagMetadata: { page: 'checkout', experiment: true },
    });
    expect(await client.getObjectValue('limits', {})).toEqual({ perMinute: 60 });
  });

  it.each([
    ['nobody', ErrorCode.FLAG_NOT_FOUND],
    ['secret', ErrorCode.FLAG_NOT_FOUND],
    ['new-checkout', ErrorCode.TARGETING_KEY_MISSING],
  ])('gets the default and the right error for %s', async (key, errorCode) => {
    const client = await connect(await serveFlags(endings));
    expect(await client.getBooleanDetails(key, true)).toMatchObject({ value: true, errorCode });
  });

  it('sends its credentials', async () => {
    const service = await serveFlags(endings, { options: { auth: { bearer: 'secret-1' } } });
    const refused = await connect(service);
    expect((await refused.getBooleanDetails('limits', true)).errorCode).toBe(ErrorCode.GENERAL);
    const client = await connect(service, [['Authorization', 'Bearer secret-1']]);
    expect(await client.getObjectValue('limits', {})).toEqual({ perMinute: 60 });
  });

  it('waits as long as it is told to', async () => {
    let now = 0;
    const options = { rateLimit: { perSecond: 0.001, burst: 1 } };
    const client = await connect(await serveFlags(endings, { options, clock: { now: () => now } }));
    now = 1;
    expect(await client.getObjectValue('limits', {})).toEqual({ perMinute: 60 });
    await client.getObjectValue('limits', {});
    expect((await client.getObjectDetails('limits', {})).errorMessage).toContain('paused due to TooManyRequests');
  });
});
