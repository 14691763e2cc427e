import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { Endings, serveFlags, type Service } from './service.js';

const endings = new Endings();
afterEach(() => endings.run());

const nested = (levels: number): string => `{"context":${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}}`;

/** Sends bytes as they are, and gives what comes back until the connection ends. */
async function send({ url }: Service, lines: string, end = true): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.write(lines);
  if (end) socket.end();
  return await text(socket);
}

describe('a request that makes no sense', () => {
  it.each([
    ['no JSON', '{"context":', 'PARSE_ERROR'],
    ['a text', '"context"', 'PARSE_ERROR'],
    ['a list', '[]', 'PARSE_ERROR'],
    ['null', 'null', 'PARSE_ERROR'],
    ['no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'PARSE_ERROR'],
    ['a context that is null', '{"context":null}', 'INVALID_CONTEXT'],
    ['a context that is a list', '{"context":[1]}', 'INVALID_CONTEXT'],
    ['a context that is a text', '{"context":"user-1"}', 'INVALID_CONTEXT'],
    ['a context without a bottom', nested(33), 'INVALID_CONTEXT'],
    ['lists without a bottom', `{"context":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}}`, 'INVALID_CONTEXT'],
  ])('is answered with 400: %s', async (_what, body, errorCode) => {
    const { evaluate, log } = await serveFlags(endings);
    const bulk = await evaluate('', body);
    expect(bulk.status).toBe(400);
    expect(bulk.json).toEqual({ errorCode, errorDetails: expect.any(String) });
    expect(await evaluate('/limits', body)).toMatchObject({ status: 400, json: { key: 'limits', errorCode } });
    expect(log.error).not.toHaveBeenCalled();
  });

  it('may be nested as deep as is allowed', async () => {
    const { evaluate } = await serveFlags(endings);
    expect((await evaluate('/limits', nested(31))).status).toBe(200);
  });

  it.each(['%', '%zz', '%e0%a4', 'a%2'])('may have a path that can’t be unescaped: %s', async (path) => {
    const { evaluate } = await serveFlags(endings);
    expect(await evaluate(`/${path}`)).toMatchObject({ status: 400, json: { key: path, errorCode: 'PARSE_ERROR' } });
  });

  it.each([
    ['GET', '/ofrep/v1/evaluate/flags', 'POST'],
    ['HEAD', '/ofrep/v1/evaluate/flags', 'POST'],
    ['PUT', '/ofrep/v1/evaluate/flags/limits', 'POST'],
    ['POST', '/ofrep/v1/events', 'GET, HEAD'],
  ])('%s %s is answered with 405', async (method, path, allow) => {
    const { ask } = await serveFlags(endings);
    expect(await ask(path, { method })).toMatchObject({ status: 405, headers: { allow } });
  });

  it('is no failure of ours, whatever method and host it has', async () => {
    const options = { auth: () => true, trusted: () => ({}), rateLimit: { perSecond: 9, by: () => 'all' } };
    const { ask, evaluate, log } = await serveFlags(endings, { options });
    expect((await ask('/ofrep/v1/evaluate/flags', { method: 'TRACE' })).status).toBe(405);
    expect((await evaluate('', {}, { headers: { host: 'a:99999' } })).status).toBe(200);
    expect(log.error).not.toHaveBeenCalled();
  });

  it.each<[Record<string, string>]>([
    [{ 'content-type': 'text/plain' }],
    [{ 'content-type': 'application/x-www-form-urlencoded' }],
    [{ 'content-type': 'application/json; charset=utf-16' }],
    [{ 'content-encoding': 'gzip' }],
  ])('is answered with 415 for %j', async (headers) => {
    const { evaluate } = await serveFlags(endings);
    const body = 'content-encoding' in headers ? gzipSync('{}') : '{}';
    expect(await evaluate('', body, { headers })).toMatchObject({ status: 415, json: { errorCode: 'GENERAL' } });
  });

  it.each(['application/json; charset=utf-8', 'APPLICATION/JSON;charset="UTF-8"', 'application/vnd.shop+json'])(
    'may call its JSON %s',
    async (type) => {
      const { evaluate } = await serveFlags(endings);
      expect((await evaluate('', '{}', { headers: { 'content-type': type } })).status).toBe(200);
    },
  );

  it('is answered with 413 for a body that is too long, also one of unknown length', async () => {
    const service = await serveFlags(endings, { options: { maxBodyBytes: 1_000 } });
    const body = JSON.stringify({ context: { a: 'x'.repeat(2_000) } });
    const known = await service.evaluate('/limits', body);
    expect(known).toMatchObject({ status: 413, json: { key: 'limits', errorCode: 'GENERAL' } });
    const chunk = `${(2_000).toString(16)}\r\n${'x'.repeat(2_000)}\r\n`;
    const head = 'POST /ofrep/v1/evaluate/flags HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n';
    const answer = await send(service, `${head}Transfer-Encoding: chunked\r\n\r\n${chunk}${chunk}0\r\n\r\n`, false);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toMatch(/^Connection: close/m);
    const huge = await send(service, `${head}Content-Length: 99999999999\r\n\r\n{`, false);
    expect(huge).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('takes the first of two headers that may stand only once', async () => {
    const service = await serveFlags(endings);
    const answer = await send(
      service,
      'POST /ofrep/v1/evaluate/flags/limits HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n' +
        'Content-Type: text/plain\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('finds a tag in several headers', async () => {
    const service = await serveFlags(endings);
    const tag = (await service.evaluate('')).headers.etag ?? '';
    const answer = await send(
      service,
      'POST /ofrep/v1/evaluate/flags HTTP/1.1\r\nHost: a\r\nIf-None-Match: "a"\r\n' +
        `If-None-Match: ${tag}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 304 /);
  });

  it('may end in the middle of its body', async () => {
    const service = await serveFlags(endings);
    const { hostname, port } = new URL(service.url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.write(
      'POST /ofrep/v1/evaluate/flags HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"con',
    );
    // The answer to another request shows that the first one arrived.
    await service.evaluate('');
    socket.resetAndDestroy();
    expect((await service.evaluate('')).status).toBe(200);
    expect(service.log.error).not.toHaveBeenCalled();
  });

  it('may ask for what isn’t there', async () => {
    const { ask } = await serveFlags(endings);
    expect(await ask('/ofrep/v1/configuration')).toMatchObject({ status: 404, json: { errorCode: 'GENERAL' } });
    const { status, json } = await ask('/ofrep/v1/evaluate/flags/', { method: 'POST' });
    expect({ status, json }).toEqual({
      status: 404,
      json: { errorCode: 'GENERAL', errorDetails: 'There is nothing here.' },
    });
    expect(await ask('/elsewhere')).toMatchObject({ status: 404, text: '' });
  });
});
