import type { FlagDocument } from 'halyard';
import { afterEach, describe, expect, it } from 'vitest';
import { Endings, flagOf, type Service, serveFlags, shop } from './service.js';

const endings = new Endings();
afterEach(() => endings.run());

const user = { context: { targetingKey: 'user-1', plan: 'pro', address: { city: 'Oslo', zip: 1 } } };
const tagOf = async ({ evaluate }: Service, body: unknown = user): Promise<string> =>
  (await evaluate('', body)).headers.etag ?? '';

/** A clock that stands still until it is told otherwise. */
class ManualClock {
  #now: number;

  constructor(at: string) {
    this.#now = Date.parse(at);
  }

  now(): number {
    return this.#now;
  }

  moveTo(at: string): void {
    this.#now = Date.parse(at);
  }
}

describe('If-None-Match', () => {
  it.each([
    ['the tag', (tag: string) => tag],
    ['the tag made weak', (tag: string) => `W/${tag}`],
    ['a list that has it', (tag: string) => `"a", W/"b,c" ,${tag}`],
    ['whatever there is', () => '*'],
  ])('answers 304 without a body to %s', async (_what, header) => {
    const service = await serveFlags(endings);
    const tag = await tagOf(service);
    const answer = await service.evaluate('', user, { headers: { 'if-none-match': header(tag) } });
    const cacheControl = (await service.evaluate('', user)).headers['cache-control'];
    expect(answer).toMatchObject({ status: 304, text: '', headers: { etag: tag, 'cache-control': cacheControl } });
    expect(answer.headers['content-length']).toBeUndefined();
  });

  it.each(['"other"', 'W/"other"', '', '"', 'nonsense', '"*"'])('answers 200 to %s', async (header) => {
    const { evaluate } = await serveFlags(endings);
    expect((await evaluate('', user, { headers: { 'if-none-match': header } })).status).toBe(200);
  });

  it('counts no evaluation where nothing is evaluated', async () => {
    const service = await serveFlags(endings);
    const tag = await tagOf(service);
    let evaluations = 0;
    service.halyard.on('evaluation', () => (evaluations += 1));
    await service.evaluate('', user, { headers: { 'if-none-match': tag } });
    expect(evaluations).toBe(0);
  });
});

describe('the entity tag', () => {
  it('is the same for the same context, however it is written', async () => {
    const service = await serveFlags(endings);
    const same = '{ "context": { "address": {"zip":1.0,"city":"Oslo"}, "plan":"pro","targetingKey":"user-1" } }';
    expect(await tagOf(service, same)).toBe(await tagOf(service));
  });

  it('is another one for a number that JSON can write but not keep', async () => {
    const rules = [{ when: { attribute: 'size', operator: 'greater_than', value: 5 }, serve: 'on' }] as const;
    const service = await serveFlags(endings, {
      flags: { version: 1, flags: { big: { clientSafe: true, rules, serve: 'off' } } },
    });
    const question = { headers: { 'if-none-match': await tagOf(service, '{"context":{"size":null}}') } };
    const answer = await service.evaluate('', '{"context":{"size":1e400}}', question);
    expect(flagOf(answer, 'big')).toMatchObject({ value: true });
  });

  it('is the same on every instance', async () => {
    const [one, other] = [await serveFlags(endings), await serveFlags(endings)];
    expect(await tagOf(one)).toBe(await tagOf(other));
  });

  const other = (flags: object): FlagDocument => ({ version: 1, flags: { ...shop.flags, ...flags } });
  it.each<[string, (service: Service) => unknown]>([
    ['the context', () => undefined],
    ['a flag', ({ store }) => store.set(other({ limits: { clientSafe: true, variants: { on: 1, off: 0 } } }))],
    ['which flags may leave the server', ({ store }) => store.set(other({ limits: shop.flags.secret }))],
    ['the metadata', ({ store }) => store.set(other({ limits: { ...shop.flags.limits, metadata: { a: 1 } } }))],
    ['a kill', ({ halyard }) => halyard.kill('limits', { by: 'ana', reason: 'broken' })],
    ['a kill that ends', ({ halyard }) => halyard.kill('limits', { by: 'ana', reason: 'broken', forSeconds: 60 })],
    ['an override on this instance', ({ halyard }) => halyard.override('button-color', 'control')],
  ])('changes with %s', async (what, change) => {
    const service = await serveFlags(endings);
    const before = await tagOf(service);
    const changed = new Promise((resolve) => service.halyard.on('change', resolve));
    await change(service);
    if (what === 'the context') expect(await tagOf(service, { context: { plan: 'free' } })).not.toBe(before);
    else {
      await changed;
      expect(await tagOf(service)).not.toBe(before);
    }
  });

  it('changes with a segment, and with a flag that is required but not served itself', async () => {
    const document = (city: string, isOn: boolean): FlagDocument => ({
      version: 1,
      segments: { near: { city }, neighbours: { segment: 'near' } },
      flags: {
        cart: { enabled: isOn },
        checkout: {
          clientSafe: true,
          requires: [{ flag: 'cart', variant: 'on' }],
          rules: [{ when: { segment: 'neighbours' }, serve: 'on' }],
          serve: 'off',
        },
      },
    });
    const service = await serveFlags(endings, { flags: document('Oslo', true) });
    const tags = [await tagOf(service)];
    for (const next of [document('Bergen', true), document('Bergen', false)]) {
      const changed = new Promise((resolve) => service.halyard.on('change', resolve));
      service.store.set(next);
      await changed;
      tags.push(await tagOf(service));
    }
    expect(new Set(tags).size).toBe(3);
  });

  it('stays when only flags change that nobody outside sees, or words about one', async () => {
    const service = await serveFlags(endings);
    const before = await tagOf(service);
    const changed = new Promise((resolve) => service.halyard.on('change', resolve));
    service.store.set(other({ secret: {}, limits: { ...shop.flags.limits, description: 'How often' } }));
    await changed;
    expect(await tagOf(service)).toBe(before);
  });

  it('follows stages of a rollout, whichever instance is asked', async () => {
    const stages = [{ percentage: 0, hours: 1 }, { percentage: 100, hours: 1 }, { percentage: 0 }];
    const flags: FlagDocument = {
      version: 1,
      flags: { staged: { clientSafe: true, rollout: { start: '2027-01-10T09:00:00Z', stages } } },
    };
    const clock = new ManualClock('2027-01-10T09:10:00Z');
    const service = await serveFlags(endings, { flags, clock });
    const first = await tagOf(service);
    clock.moveTo('2027-01-10T09:59:59Z');
    expect(await tagOf(service)).toBe(first);
    clock.moveTo('2027-01-10T10:00:00Z');
    const second = await service.evaluate('', user, { headers: { 'if-none-match': first } });
    expect(flagOf(second, 'staged')).toMatchObject({ value: true });
    const late = new ManualClock('2027-01-10T10:30:00Z');
    expect(await tagOf(await serveFlags(endings, { flags, clock: late }))).toBe(second.headers.etag);
  });

  it('moves once a minute along a curve, and the answers with it', async () => {
    const rollout = { curve: 'linear', from: 0, to: 100, start: '2027-01-10T09:00:00Z', hours: 1 } as const;
    const flags: FlagDocument = { version: 1, flags: { curved: { clientSafe: true, rollout } } };
    const clock = new ManualClock('2027-01-10T09:30:00Z');
    const service = await serveFlags(endings, { flags, clock });
    const units = Array.from({ length: 40 }, (_, index) => `user-${index}`);
    const answers = async (): Promise<string> =>
      (await Promise.all(units.map((unit) => service.evaluate('', { context: { targetingKey: unit } }))))
        .map(({ text, headers }) => `${headers.etag ?? ''} ${text}`)
        .join('\n');
    const first = await answers();
    clock.moveTo('2027-01-10T09:30:59Z');
    expect(await answers()).toBe(first);
    clock.moveTo('2027-01-10T09:31:00Z');
    expect(await answers()).not.toBe(first);
  });

  it('is no reason for a 304 to a client that heard of newer flags from another instance', async () => {
    const service = await serveFlags(endings);
    const tag = await tagOf(service);
    const question = { headers: { 'if-none-match': tag } };
    expect((await service.evaluate('?flagConfigEtag=%22newer%22', user, question)).status).toBe(200);
    expect(
      (await service.evaluate('?flagConfigEtag=%F0%9F%98%80&flagConfigLastModified=x', user, question)).status,
    ).toBe(304);
  });

  it('makes an instance that is behind look for newer flags first', async () => {
    const clock = new ManualClock('2027-01-10T09:00:00Z');
    const service = await serveFlags(endings, { watch: false, clock });
    const ahead = await serveFlags(endings, { flags: { version: 1, flags: { limits: { clientSafe: true } } } });
    service.store.set({ version: 1, flags: { limits: { clientSafe: true } } });
    expect(flagOf(await service.evaluate('', user), 'limits')).toMatchObject({ value: { perMinute: 60 } });
    const told = /"?([\w-]+)"?/.exec(await tagOf(ahead))?.[1] ?? '';
    clock.moveTo('2027-01-10T09:00:01Z');
    expect(flagOf(await service.evaluate(`?flagConfigEtag=${told}`, user), 'limits')).toMatchObject({ value: true });
  });
});
