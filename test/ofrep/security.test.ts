import type { FlagDocument } from 'halyard';
import { afterEach, describe, expect, it } from 'vitest';
import { EventClient } from './event-client.js';
import { Endings, flagOf, serveFlags } from './service.js';

const endings = new Endings();
afterEach(() => endings.run());

describe('flags that may not leave the server', () => {
  it('are answered as those that aren’t there, to the byte', async () => {
    const { evaluate, halyard } = await serveFlags(endings);
    const bare = async (key: string) => {
      const { status, headers, text } = await evaluate(`/${key}`, { context: { email: 'ana@example.com' } });
      const { date: _date, ...rest } = headers;
      return { status, rest, text: text.replaceAll(key, '…') };
    };
    const unknown = await bare('nobody');
    expect(await bare('secret')).toEqual(unknown);
    await halyard.kill('secret', { by: 'ana', reason: 'broken' });
    expect(await bare('secret')).toEqual(unknown);
    await halyard.kill('never', { by: 'ana', reason: 'broken', create: true });
    expect(await bare('nevers')).toEqual({ ...(await bare('never!')), text: unknown.text });
  });

  it('decide over others without being named', async () => {
    const flags: FlagDocument['flags'] = {
      hidden: { rules: [{ name: 'staff only', when: { staff: true }, serve: 'on' }], serve: 'off' },
      shown: { clientSafe: true, requires: [{ flag: 'hidden', variant: 'on' }] },
    };
    const { evaluate } = await serveFlags(endings, { flags: { version: 1, flags } });
    const { text } = await evaluate('', { context: { staff: true } });
    expect(text).toContain('"value":true');
    expect(text).not.toMatch(/hidden|staff only/);
  });
});

describe('what the server knows', () => {
  const flags: FlagDocument = {
    version: 1,
    flags: {
      paid: { clientSafe: true, rules: [{ when: { plan: 'pro' }, serve: 'on' }], serve: 'off' },
      big: { clientSafe: true, rules: [{ when: { 'company.plan': 'pro' }, serve: 'on' }], serve: 'off' },
      mine: { clientSafe: true, targets: { on: ['user-1'] }, serve: 'off' },
      local: { clientSafe: true, rules: [{ when: { region: 'eu' }, serve: 'on' }], serve: 'off' },
    },
  };
  const valuesOf = async (trusted: object, context: object): Promise<Record<string, unknown>> => {
    const { evaluate } = await serveFlags(endings, { flags, options: { trusted: () => trusted as never } });
    const { json } = await evaluate('', { context });
    return Object.fromEntries(
      (json as { flags: { key: string; value: unknown }[] }).flags.map((f) => [f.key, f.value]),
    );
  };

  it('wins over what the client says', async () => {
    expect(await valuesOf({ plan: 'free' }, { plan: 'pro' })).toMatchObject({ paid: false });
    expect(await valuesOf({ plan: 'pro' }, { plan: 'free' })).toMatchObject({ paid: true });
    expect(await valuesOf({ targetingKey: 'user-2' }, { targetingKey: 'user-1' })).toMatchObject({ mine: false });
    expect(await valuesOf({}, { plan: 'pro', targetingKey: 'user-1' })).toMatchObject({ paid: true, mine: true });
  });

  it.each([
    [{ plan: undefined }, { plan: 'pro' }],
    [{ plan: null }, { plan: 'pro' }],
    [{ company: { plan: 'free' } }, { 'company.plan': 'pro' }],
    [{ 'company.plan': 'free' }, { company: { plan: 'pro' } }],
    [{ 'company.plan': undefined }, { company: { plan: 'pro' } }],
    [{ targetingKey: undefined }, { targetingKey: 'user-1' }],
  ])('%j leaves a client that says %j no way around', async (trusted, context) => {
    expect(await valuesOf(trusted, context)).toMatchObject({ paid: false, big: false, mine: false });
  });

  it('includes the static attributes', async () => {
    const { evaluate } = await serveFlags(endings, { flags, context: { region: 'us' } });
    expect(flagOf(await evaluate('', { context: { region: 'eu' } }), 'local')).toMatchObject({ value: false });
  });

  it('is no way to reach a prototype', async () => {
    const context = '{"context":{"__proto__":{"plan":"pro"},"constructor":{"prototype":{"plan":"pro"}}}}';
    for (const trusted of [() => ({ a: 1 }), () => undefined]) {
      const { evaluate } = await serveFlags(endings, { flags, options: { trusted } });
      expect(flagOf(await evaluate('', context), 'paid')).toMatchObject({ value: false });
    }
    expect(({} as Record<string, unknown>)['plan']).toBeUndefined();
  });

  it.each([
    ['throws', () => Promise.reject(new Error('the session store is at 10.0.0.7'))],
    ['returns no object', () => 'ana' as never],
  ])('answers 500 when `trusted` %s, says nothing of why, and logs it once', async (_what, trusted) => {
    const { evaluate, log } = await serveFlags(endings, { flags, options: { trusted } });
    for (const path of ['', '/paid', '/paid']) {
      const answer = await evaluate(path);
      expect(answer.status).toBe(500);
      expect(answer.json).toEqual({
        ...(path !== '' && { key: 'paid' }),
        errorCode: 'GENERAL',
        errorDetails: 'Something went wrong here.',
      });
    }
    expect(log.error).toHaveBeenCalledOnce();
  });
});

describe('credentials', () => {
  const bearer = ['the-new-secret', 'the-old-secret'];

  it.each<[Record<string, string>, number]>([
    [{}, 401],
    [{ authorization: 'Bearer wrong' }, 401],
    [{ authorization: 'Basic dGhlLW5ldy1zZWNyZXQ=' }, 401],
    [{ 'x-api-key': 'the-new-secret' }, 401],
    [{ authorization: 'Bearer the-new-secret' }, 200],
    [{ authorization: 'bearer the-old-secret' }, 200],
    [{ 'x-api-key': 'the-key' }, 200],
  ])('%j is answered with %i', async (headers, status) => {
    const { evaluate } = await serveFlags(endings, { options: { auth: { bearer, apiKey: 'the-key' } } });
    const answer = await evaluate('/limits', {}, { headers });
    expect(answer.status).toBe(status);
    if (status === 401) {
      expect(answer.headers['www-authenticate']).toBe('Bearer');
      expect(answer.json).toMatchObject({ key: 'limits', errorCode: 'GENERAL' });
    }
  });

  it('may be a function: 401 for nobody, 403 for somebody whom it refuses', async () => {
    const auth = (request: Request): boolean => request.headers.get('cookie') === 'session=ana';
    const { evaluate } = await serveFlags(endings, { options: { auth } });
    expect((await evaluate('')).status).toBe(401);
    expect((await evaluate('', {}, { headers: { cookie: 'session=bo' } })).status).toBe(403);
    expect((await evaluate('', {}, { headers: { cookie: 'session=ana' } })).status).toBe(200);
  });

  it('answers 500 when the function throws', async () => {
    const auth = (): boolean => {
      throw new Error('no');
    };
    const { evaluate, log } = await serveFlags(endings, { options: { auth } });
    expect((await evaluate('')).json).toMatchObject({ errorCode: 'GENERAL' });
    expect(log.error).toHaveBeenCalledOnce();
  });

  it('closes the event stream to those who don’t know its address from an answer', async () => {
    const service = await serveFlags(endings, { options: { auth: { bearer } } });
    expect((await service.ask('/ofrep/v1/events')).status).toBe(401);
    expect((await service.ask('/ofrep/v1/events?token=wrong')).status).toBe(401);
    const { json } = await service.evaluate('', {}, { headers: { authorization: 'Bearer the-new-secret' } });
    const [stream] = (json as { eventStreams: { endpoint: { requestUri: string } }[] }).eventStreams;
    const { requestUri } = stream!.endpoint;
    expect(requestUri).not.toContain('secret');
    const client = await EventClient.open(`${service.url}${requestUri}`);
    endings.add(() => client.leave());
    expect(client.response.statusCode).toBe(200);
  });

  it('gives the stream’s address a token of its own where a function decides', async () => {
    const [current, previous] = ['c'.repeat(32), 'p'.repeat(32)] as const;
    const auth = (request: Request): boolean => request.headers.get('cookie') === 'session=ana';
    const addressWith = async (secret: readonly string[]): Promise<string> => {
      const { evaluate } = await serveFlags(endings, { options: { auth, eventStream: { secret } } });
      const { json } = await evaluate('', {}, { headers: { cookie: 'session=ana' } });
      return (json as { eventStreams: { endpoint: { requestUri: string } }[] }).eventStreams[0]!.endpoint.requestUri;
    };
    const { ask } = await serveFlags(endings, { options: { auth, eventStream: { secret: [current, previous] } } });
    for (const secret of [[current], [previous]]) {
      expect((await ask(await addressWith(secret), { method: 'HEAD' })).status).toBe(200);
    }
    expect((await ask(await addressWith(['x'.repeat(32)]), { method: 'HEAD' })).status).toBe(401);
  });

  it('asks a function about the event stream too', async () => {
    const auth = (request: Request): boolean => request.headers.get('cookie') === 'session=ana';
    const { ask } = await serveFlags(endings, { options: { auth } });
    expect((await ask('/ofrep/v1/events')).status).toBe(401);
    expect((await ask('/ofrep/v1/events', { method: 'HEAD', headers: { cookie: 'session=ana' } })).status).toBe(200);
  });
});

describe('pages of other origins', () => {
  const origin = 'https://shop.example.com';

  it('may call nothing unless they are named', async () => {
    const { evaluate, ask } = await serveFlags(endings);
    const answer = await evaluate('', {}, { headers: { origin } });
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    expect((await ask('/ofrep/v1/evaluate/flags', { method: 'OPTIONS' })).status).toBe(405);
  });

  it('may ask, and read the headers of the protocol', async () => {
    const { evaluate, ask } = await serveFlags(endings, {
      options: { cors: { origins: [origin], headers: ['X-Tenant'] } },
    });
    const preflight = await ask('/ofrep/v1/evaluate/flags', {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    });
    expect(preflight).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': expect.stringMatching(/If-None-Match.*X-Tenant/),
        'access-control-max-age': '600',
      },
    });
    const answers = [
      await evaluate('', {}, { headers: { origin } }),
      await evaluate('/nobody', {}, { headers: { origin } }),
    ];
    for (const { headers } of answers) {
      expect(headers).toMatchObject({
        'access-control-allow-origin': origin,
        'access-control-expose-headers': 'ETag, Retry-After',
        vary: 'Origin',
      });
    }
    const foreign = { headers: { origin: 'https://evil.example.com', 'access-control-request-method': 'POST' } };
    for (const answer of [
      await evaluate('', {}, foreign),
      await ask('/ofrep/v1/evaluate/flags', { method: 'OPTIONS', ...foreign }),
    ]) {
      expect(answer.headers).toMatchObject({ vary: 'Origin' });
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    }
  });

  it('may all call with `*`', async () => {
    const { evaluate } = await serveFlags(endings, { options: { cors: { origins: '*' } } });
    expect((await evaluate('')).headers['access-control-allow-origin']).toBe('*');
  });
});

describe('the rate limit', () => {
  it('answers 429 with the time to wait, and lets go on after it', async () => {
    let now = 1_000_000;
    const by = (request: Request): string | undefined => request.headers.get('x-client') ?? undefined;
    const options = { rateLimit: { perSecond: 0.5, burst: 2, by } };
    const { evaluate } = await serveFlags(endings, { options, clock: { now: () => now } });
    const ask = (client: string) => evaluate('/limits', {}, { headers: { 'x-client': client } });
    expect([(await ask('a')).status, (await ask('a')).status]).toEqual([200, 200]);
    const refused = await ask('a');
    expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '2' } });
    expect(refused.json).toMatchObject({ key: 'limits', errorCode: 'GENERAL' });
    expect((await ask('b')).status).toBe(200);
    now += 2_000;
    expect((await ask('a')).status).toBe(200);
    expect((await ask('a')).status).toBe(429);
  });

  it('knows clients by their address', async () => {
    const { evaluate } = await serveFlags(endings, { options: { rateLimit: { perSecond: 1, burst: 1 } } });
    expect([(await evaluate('')).status, (await evaluate('')).status]).toEqual([200, 429]);
  });
});

describe('options', () => {
  it.each<[object, RegExp]>([
    [{ trust: () => ({}) }, /unknown option `trust`.*`trusted`/],
    [{ trusted: {} }, /option `trusted`: expected a function/],
    [
      { auth: 'secret' },
      /option `auth`: expected an object with `bearer` or `apiKey`, or a function, found something else/,
    ],
    [{ auth: { bearer: '' } }, /`auth`: option `bearer`: expected a text that is not empty/],
    [{ auth: { bearer: ['right', 'from-a-file\n'] } }, /`auth`: option `bearer`: expected .* no white space/],
    [{ auth: { apiKey: 'from-a-file\n' } }, /`auth`: option `apiKey`: expected .* no white space around it/],
    [{ auth: {} }, /`auth`: expected `bearer` or `apiKey`/],
    [{ cors: true }, /option `cors`/],
    [{ cors: { origins: ['https://a.example/path'] } }, /`cors`: option `origins`/],
    [{ cors: {} }, /option `origins`.*found nothing/],
    [{ cors: { origins: ['https://A.example'] } }, /option `origins`.*as browsers send them/],
    [{ cors: { origins: ['https://a.example:443'] } }, /option `origins`/],
    [{ cors: { origins: ['https://*.a.example'] } }, /option `origins`/],
    [{ publicUrl: 'https://a.example/ofrep/v1' }, /option `publicUrl`.*without \/ofrep\/v1/],
    [{ rateLimit: { perSecond: 0 } }, /option `perSecond`: expected a number above 0/],
    [{ maxBodyBytes: 0 }, /option `maxBodyBytes`/],
    [{ publicUrl: '/flags' }, /option `publicUrl`: expected an address/],
    [{ eventStream: true }, /option `eventStream`: expected an object of options, or false/],
    [
      { eventStream: { secret: 'short' } },
      /option `secret`: expected a text of at least 32 characters.*found something else/,
    ],
  ])('%j is refused', async (options, message) => {
    await expect(serveFlags(endings, { options })).rejects.toThrow(message);
  });

  it('are refused with anything but a Halyard', async () => {
    const { ofrepHandler } = await import('halyard/ofrep');
    expect(() => ofrepHandler({} as never)).toThrow(/ofrepHandler: expected the Halyard/);
  });
});

it('logs no unknown keys, which anybody may send', async () => {
  const { evaluate, log } = await serveFlags(endings);
  await evaluate('/nobody\u001b[31m');
  await new Promise(setImmediate);
  expect(log.warn).not.toHaveBeenCalled();
});
