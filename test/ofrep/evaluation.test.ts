import { afterEach, describe, expect, it } from 'vitest';
import { Endings, flagOf, serveFlags, shop } from './service.js';

const endings = new Endings();
afterEach(() => endings.run());

describe('the evaluation of one flag', () => {
  it('gives value, variant and reason', async () => {
    const { evaluate } = await serveFlags(endings);
    const answer = await evaluate('/new-checkout', { context: { targetingKey: 'user-1', plan: 'pro' } });
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/json; charset=utf-8' } });
    expect(answer.json).toEqual({ key: 'new-checkout', value: true, reason: 'TARGETING_MATCH', variant: 'on' });
  });

  it('gives the metadata of the document, and nothing else about the flag', async () => {
    const { evaluate } = await serveFlags(endings);
    const { json, text } = await evaluate('/button-color');
    expect(json).toEqual({
      key: 'button-color',
      value: 'green',
      reason: 'STATIC',
      variant: 'a',
      metadata: { page: 'checkout', experiment: true },
    });
    expect(text).not.toMatch(/shop-team|Which colour/);
  });

  it('gives objects', async () => {
    const { evaluate } = await serveFlags(endings);
    expect((await evaluate('/limits')).json).toMatchObject({ value: { perMinute: 60 } });
  });

  it('leaves the value out where the caller’s default is served', async () => {
    const flags = {
      version: 1,
      flags: { quiet: { clientSafe: true, variants: { a: 'x' }, offVariant: null, enabled: false, serve: 'a' } },
    } as const;
    const { evaluate } = await serveFlags(endings, { flags });
    expect((await evaluate('/quiet')).json).toEqual({ key: 'quiet', reason: 'DISABLED' });
  });

  it('asks for a targeting key that it needs', async () => {
    const { evaluate } = await serveFlags(endings);
    const answer = await evaluate('/new-checkout', { context: {} });
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({ key: 'new-checkout', errorCode: 'TARGETING_KEY_MISSING' });
  });

  it('evaluates without a body', async () => {
    const { evaluate } = await serveFlags(endings);
    expect(await evaluate('/button-color', '')).toMatchObject({ status: 200, json: { value: 'green' } });
  });

  it.each(['a/b', 'a%2Fb'])('finds a key with a slash, written as %s', async (path) => {
    const { evaluate } = await serveFlags(endings, { flags: { version: 1, flags: { 'a/b': { clientSafe: true } } } });
    expect((await evaluate(`/${path}`)).json).toMatchObject({ key: 'a/b', value: true });
  });

  it.each(['constructor', '__proto__', 'toString', 'caf%C3%A9', '%F0%9F%98%80', '%22%3Cscript%3E'])(
    'has no flag called %s',
    async (path) => {
      const { evaluate } = await serveFlags(endings);
      const { status, json, headers } = await evaluate(`/${path}`);
      expect({ status, json }).toEqual({
        status: 404,
        json: {
          key: decodeURIComponent(path),
          errorCode: 'FLAG_NOT_FOUND',
          errorDetails: 'There is no flag with this key.',
        },
      });
      expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff' });
    },
  );

  it('speaks of overrides and prerequisites in the protocol’s words', async () => {
    const flags = { ...shop.flags, later: { clientSafe: true, requires: [{ flag: 'secret', variant: 'on' }] } };
    const { halyard, evaluate } = await serveFlags(endings, { flags: { version: 1, flags } });
    halyard.override('button-color', 'control');
    expect((await evaluate('/button-color')).json).toMatchObject({ value: 'blue', reason: 'STATIC' });
    expect((await evaluate('/later')).json).toMatchObject({ value: false, reason: 'DEFAULT', variant: 'off' });
  });

  it('tells that a flag is killed', async () => {
    const { halyard, evaluate } = await serveFlags(endings);
    await halyard.kill('new-checkout', { by: 'ana', reason: 'broken' });
    const { json, text } = await evaluate('/new-checkout', { context: { plan: 'pro' } });
    expect(json).toEqual({ key: 'new-checkout', value: false, reason: 'DISABLED', variant: 'off' });
    expect(text).not.toContain('ana');
  });
});

describe('the evaluation of all flags', () => {
  it('gives those that may leave the server, and where changes are told', async () => {
    const { evaluate } = await serveFlags(endings);
    const answer = await evaluate('', { context: { targetingKey: 'user-1', plan: 'pro' } });
    expect(answer.json).toEqual({
      flags: [
        { key: 'new-checkout', value: true, reason: 'TARGETING_MATCH', variant: 'on' },
        expect.objectContaining({ key: 'button-color', value: 'green' }),
        expect.objectContaining({ key: 'limits', value: { perMinute: 60 } }),
      ],
      eventStreams: [{ type: 'sse', endpoint: { requestUri: '/ofrep/v1/events' } }],
    });
    expect(answer.headers.etag).toMatch(/^"[\w-]{22}"$/);
  });

  it('tells of one flag that it has no answer, and answers the others', async () => {
    const { evaluate } = await serveFlags(endings);
    const answer = await evaluate('', { context: {} });
    expect(answer.status).toBe(200);
    expect(flagOf(answer, 'new-checkout')).toEqual({
      key: 'new-checkout',
      errorCode: 'TARGETING_KEY_MISSING',
      errorDetails: 'The evaluation context has no targeting key.',
    });
    expect(flagOf(answer, 'button-color')).toMatchObject({ value: 'green' });
  });

  it('counts like any other evaluation, unknown keys all together', async () => {
    const { Registry } = await import('prom-client');
    const registry = new Registry();
    const { evaluate } = await serveFlags(endings, { registry });
    await evaluate('', { context: { targetingKey: 'user-1' } });
    await evaluate('/no-such-flag');
    await evaluate('/secret');
    const text = await registry.metrics();
    expect(text).toContain('flag_key="button-color",variant="a",reason="static"');
    expect(text).toMatch(/flag_key="_unknown".* 2\n/);
    expect(text).not.toMatch(/no-such-flag|flag_key="secret",variant="o/);
  });

  it('is 503 while nothing is loaded, so that clients keep what they have', async () => {
    const store = {
      name: 'broken',
      refuses: 'flags' as const,
      load: () => Promise.reject(new Error('no')),
      close: () => Promise.resolve(),
    };
    const { evaluate } = await serveFlags(endings, { store, startWithout: true });
    expect(await evaluate('')).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
    expect((await evaluate('/new-checkout')).json).toMatchObject({ key: 'new-checkout', errorCode: 'GENERAL' });
  });

  it('keeps two Halyards apart', async () => {
    const one = await serveFlags(endings);
    const other = await serveFlags(endings, { flags: { version: 1, flags: { other: { clientSafe: true } } } });
    expect(flagOf(await other.evaluate(''), 'limits')).toBeUndefined();
    expect(flagOf(await one.evaluate(''), 'other')).toBeUndefined();
  });
});
