import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type RolloutNotice, rolloutWebhook, type RolloutWebhookOptions, verifyWebhook } from 'halyard';

const secret = 'a secret of some length';

const notice: RolloutNotice = {
  type: 'rollback',
  flagKey: 'checkout',
  text: 'checkout rolled back from 10 % to 0 %: “Ärger”.',
  at: 1_800_000_000_000,
  instance: 'host:1',
};

interface Post {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A receiver that gives these statuses, the last one for ever. 0: it says nothing. */
async function receive(...statuses: number[]): Promise<{ readonly url: string; readonly posts: Post[] }> {
  const posts: Post[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      posts.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      const status = statuses.length > 1 ? statuses.shift() : statuses[0];
      if (status !== 0) response.writeHead(status ?? 200, { location: '/elsewhere' }).end();
    });
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?token=hush`, posts };
}

const send = async (options: RolloutWebhookOptions, what: RolloutNotice = notice): Promise<unknown> =>
  await rolloutWebhook(options)(what);

describe('a webhook', () => {
  it('posts the notice, signed so that its receiver can be sure', async () => {
    const { url, posts } = await receive(204);
    await send({ url, secret, headers: { authorization: 'Bearer x' } });
    const [{ body, headers }] = posts as [Post];
    expect(JSON.parse(body)).toEqual(notice);
    expect(headers).toMatchObject({ authorization: 'Bearer x', 'content-type': 'application/json; charset=utf-8' });
    const signature = headers['halyard-signature'] as string;
    expect(verifyWebhook(body, signature, secret)).toBe(true);
    expect(verifyWebhook(new TextEncoder().encode(body), signature, ['the former secret', secret])).toBe(true);
    expect(verifyWebhook(`${body} `, signature, secret)).toBe(false);
    expect(verifyWebhook(body, signature, 'another secret, just as long')).toBe(false);
    expect(verifyWebhook({} as never, signature, secret)).toBe(false);
    for (const unset of ['', 'short', [], [secret, ''], undefined, [undefined], 7]) {
      expect(() => verifyWebhook(body, signature, unset as string)).toThrow('at least 16 characters');
    }
    expect(verifyWebhook(body, signature, secret, { now: Date.now() + 301_000 })).toBe(false);
    for (const wrong of [undefined, '', 'v1=', signature.replace('t=', 't=1'), `${signature}0`]) {
      expect(verifyWebhook(body, wrong, secret)).toBe(false);
    }
  });

  it('says a sentence to Slack', async () => {
    const { url, posts } = await receive(200);
    await send({ url, format: 'slack' });
    expect(JSON.parse(posts[0]!.body)).toEqual({ text: notice.text });
    expect(posts[0]!.headers).not.toHaveProperty('halyard-signature');
  });

  it('tells Slack no markup: what a person wrote must not call everybody', async () => {
    const { url, posts } = await receive(200);
    await send({ url, format: 'slack' }, { ...notice, text: 'a < b & c: <!channel>' });
    expect(JSON.parse(posts[0]!.body)).toEqual({ text: 'a &lt; b &amp; c: &lt;!channel&gt;' });
  });

  it('tries again what may pass, as the same delivery', async () => {
    const { url, posts } = await receive(503, 429, 200);
    await send({ url, secret });
    expect(posts).toHaveLength(3);
    expect(new Set(posts.map(({ headers }) => headers['halyard-delivery'])).size).toBe(1);
  }, 20_000);

  it.each<[string, number, Partial<RolloutWebhookOptions>, number]>([
    ['answered with status 410', 410, {}, 1],
    ['could not be reached', 302, { attempts: 1 }, 1],
    ['did not answer within 100 ms', 0, { attempts: 1, timeoutMs: 100 }, 1],
    ['answered with status 500', 500, { attempts: 2 }, 2],
  ])('gives up and says why, without its address: %s', async (why, status, options, count) => {
    const { url, posts } = await receive(status);
    const failure = send({ url, ...options });
    await expect(failure).rejects.toThrow(`The webhook ${why}.`);
    await expect(failure).rejects.not.toThrow(/hush|127/);
    expect(posts).toHaveLength(count);
  });

  it('posts what it is asked for, and by default all but beginnings', async () => {
    const { url, posts } = await receive(200);
    await send({ url }, { ...notice, type: 'start' });
    await send({ url, types: ['trip'] });
    expect(posts).toEqual([]);
    await send({ url, types: ['rollback'] });
    expect(posts).toHaveLength(1);
  });

  it.each<[string, object]>([
    ['`url`', {}],
    ['`url`', { url: 'file:///etc/passwd' }],
    ['`secret`', { url: 'https://x', secret: 'short' }],
    ['Leave it out to post unsigned.', { url: 'https://x', secret: undefined }],
    ['`types`', { url: 'https://x', types: ['promoted'] }],
    ['`headers`', { url: 'https://x', headers: { authorization: 3 } }],
    ['`secrets`', { url: 'https://x', secrets: [] }],
  ])('names a wrong option, and never what is secret: %s', (name, options) => {
    expect(() => rolloutWebhook(options as RolloutWebhookOptions)).toThrow(name);
    expect(() => rolloutWebhook(options as RolloutWebhookOptions)).not.toThrow(/short|passwd/);
  });
});
