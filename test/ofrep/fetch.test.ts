import { createHalyard, memoryStore } from 'halyard';
import { type FetchHandler, ofrepHandler, type OfrepOptions } from 'halyard/ofrep';
import { afterEach, describe, expect, it } from 'vitest';
import { Endings, shop } from './service.js';

const endings = new Endings();
afterEach(() => endings.run());

const store = () => memoryStore(shop);

async function handle(options: OfrepOptions = {}): Promise<FetchHandler & { readonly kill: () => Promise<void> }> {
  const halyard = await createHalyard({ store: store() });
  endings.add(() => halyard.close());
  const kill = (): Promise<void> => halyard.kill('limits', { by: 'ana', reason: 'broken' });
  return Object.assign(ofrepHandler(halyard, options), { kill });
}

const post = (path: string, body = '{}', headers: Record<string, string> = {}): Request =>
  new Request(`https://flags.example.com${path}`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });

describe('the handler as a function of a Request', () => {
  it('answers as it does behind Node', async () => {
    const handler = await handle();
    const response = await handler(post('/ofrep/v1/evaluate/flags/limits'));
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ value: { perMinute: 60 } });
    const bulk = await handler(post('/ofrep/v1/evaluate/flags'));
    const etag = bulk.headers.get('etag') ?? '';
    const again = await handler(post('/ofrep/v1/evaluate/flags', '{}', { 'if-none-match': etag }));
    expect([again.status, await again.text()]).toEqual([304, '']);
  });

  it('knows its paths', async () => {
    const handler = await handle();
    expect(['/ofrep/v1/evaluate/flags', '/ofrep/v1/', '/ofrep', '/'].map((path) => handler.owns(path))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it('bounds the body, and refuses one that breaks off', async () => {
    const handler = await handle({ maxBodyBytes: 10 });
    expect((await handler(post('/ofrep/v1/evaluate/flags', '{"context":{}}'))).status).toBe(413);
    const broken = new ReadableStream({ pull: (controller) => controller.error(new Error('gone')) });
    const request = new Request('https://flags.example.com/ofrep/v1/evaluate/flags', {
      method: 'POST',
      body: broken,
      duplex: 'half',
    } as RequestInit);
    await expect(handler(request)).rejects.toThrow('went away');
  });

  it('hands the framework’s request on', async () => {
    const halyard = await createHalyard({ store: store() });
    endings.add(() => halyard.close());
    const handler = ofrepHandler<{ user: string }>(halyard, {
      trusted: (_request, native) => ({ plan: native?.user === 'ana' ? 'pro' : 'free' }),
    });
    const response = await handler(post('/ofrep/v1/evaluate/flags/new-checkout'), { user: 'ana' });
    expect(await response.json()).toMatchObject({ reason: 'TARGETING_MATCH' });
  });

  it('streams events until nobody reads them', async () => {
    const handler = await handle();
    const events = (): Request => new Request('https://flags.example.com/ofrep/v1/events');
    const reader = (await handler(events())).body!.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader.read()).value).toMatch(/^retry: \d+\nid: /);
    await handler.kill();
    expect((await reader.read()).value).toContain('refetchEvaluation');
    await reader.cancel();

    const gone = new AbortController();
    const response = await handler(new Request(events(), { signal: gone.signal }));
    gone.abort();
    await expect(response.text()).rejects.toThrow();

    const ended = await handler(events());
    handler.close();
    expect(await ended.text()).toContain('retry:');
    expect((await handler(events())).status).toBe(503);
  });
});
