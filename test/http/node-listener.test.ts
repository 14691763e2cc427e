import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { serve as serveExpress } from '../../adapters/express/index.js';
import { serve as serveKoa } from '../../adapters/koa/index.js';
import { serve as serveNest } from '../../adapters/nestjs/index.js';
import { createFetchHandler, type HandlerParts } from '../../src/http/fetch-handler.js';
import type { BodySink } from '../../src/http/http-answer.js';
import { createNodeListener } from '../../src/http/node-listener.js';
import { ask } from '../contracts/http-client.js';
import { Endings, listen } from '../ofrep/service.js';

const endings = new Endings();
afterEach(() => endings.run());

async function serve(answer: HandlerParts['answer']): Promise<string> {
  const handler = createFetchHandler({ owns: (path) => path.startsWith('/own'), close: () => undefined, answer });
  return listen(endings, createNodeListener(handler));
}

describe('a handler behind Node', () => {
  it('is told from everything else at once, not at the first request', () => {
    expect(() => createNodeListener(undefined as never)).toThrow(
      'createNodeListener: expected a handler, such as ofrepHandler(halyard), found undefined.',
    );
    expect(() => serveExpress({} as never)).toThrow('serve: expected a handler, such as ofrepHandler(halyard)');
    expect(() => serveKoa({} as never)).toThrow('serve: expected a handler, such as ofrepHandler(halyard)');
    expect(() => serveNest({} as never)).toThrow('serve: expected a handler, such as ofrepHandler(halyard)');
  });

  it('sets several headers of one name', async () => {
    const url = await serve(() =>
      Promise.resolve({ status: 200, headers: { 'Set-Cookie': ['a=1', 'b=2'] }, body: 'hello' }),
    );
    expect((await ask(`${url}/own`)).headers['set-cookie']).toEqual(['a=1', 'b=2']);
  });

  it('sees path, query and headers as they came', async () => {
    const url = await serve(({ path, query, method, mountPath, clientAddress }) =>
      Promise.resolve({
        status: 200,
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify([method, path, query.get('q'), mountPath, clientAddress?.includes('127.0.0.1')]),
      }),
    );
    expect((await ask(`${url}/own/a%2Fb?q=%C3%A9&r`)).json).toEqual(['GET', '/own/a%2Fb', 'é', '', true]);
  });

  it('gives what users write a Request, whose signal is aborted when the client goes away', async () => {
    let arrive: (signal: AbortSignal) => void;
    const arrived = new Promise<AbortSignal>((resolve) => (arrive = resolve));
    const url = await serve((request) => {
      const { url: address, headers, signal } = request.toFetch();
      expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/own\?a=1$/);
      expect(headers.get('x-test')).toBe('yes');
      arrive(signal);
      return new Promise(() => undefined);
    });
    const request = get(`${url}/own?a=1`, { headers: { 'x-test': 'yes' } }).on('error', () => undefined);
    const signal = await arrived;
    request.destroy();
    if (!signal.aborted) await once(signal, 'abort');
  });

  it.each(['a@evil.example/path?', 'a:99999', '[::1', '1.2.3.4.5'])('believes no host like %s', async (host) => {
    const url = await serve((request) => Promise.resolve({ status: 200, headers: {}, body: request.toFetch().url }));
    expect((await ask(`${url}/own`, { headers: { host } })).text).toBe('http://localhost/own');
  });

  it('answers 500 to a handler that fails, and lives', async () => {
    const url = await serve(() => Promise.reject(new Error('no')));
    expect((await ask(`${url}/own`)).status).toBe(500);
    expect((await ask(`${url}/own`)).status).toBe(500);
  });

  it('opens one body for a client that sends many requests at once', async () => {
    const open = vi.fn((sink: BodySink) => {
      sink.write('hello');
      return () => undefined;
    });
    const url = await serve(() => Promise.resolve({ status: 200, headers: {}, body: { open } }));
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    endings.add(() => socket.destroy());
    socket.write('GET /own HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(100));
    await once(socket, 'data');
    // The answer to another client shows that all of them arrived.
    await ask(`${url}/other`);
    expect(open).toHaveBeenCalledOnce();
  });

  it('has no more to write when the client is gone, and says so once', async () => {
    const close = vi.fn();
    let sink: BodySink | undefined;
    const url = await serve(() =>
      Promise.resolve({
        status: 200,
        headers: {},
        body: {
          open: (opened) => {
            sink = opened;
            sink.write('hello');
            return close;
          },
        },
      }),
    );
    const [response] = (await once(get(`${url}/own`), 'response')) as [IncomingMessage];
    response.on('error', () => undefined).destroy();
    await vi.waitFor(() => expect(close).toHaveBeenCalledOnce());
    expect(() => sink?.write('more')).not.toThrow();
  });
});
