import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A bucket on this machine, with the conditional writes of S3: enough to try a store on. */
export interface LocalBucket {
  /** The address of an object. */
  readonly urlOf: (name: string) => string;
  readonly close: () => Promise<void>;
}

export async function openLocalBucket(): Promise<LocalBucket> {
  const objects = new Map<string, string>();
  const server = createServer((request, response) => void answer(objects, request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    urlOf: (name) => `http://127.0.0.1:${port}/${name}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function answer(objects: Map<string, string>, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url = '/', headers } = request;
  const body = method === 'PUT' ? await text(request) : '';
  // From here on nothing waits, so that no other request comes between the condition and the write.
  const before = objects.get(url);
  if (method === 'PUT') {
    const isMet = headers['if-none-match'] === '*' ? before === undefined : headers['if-match'] === etagOf(before);
    if (isMet || (headers['if-match'] ?? headers['if-none-match']) === undefined) objects.set(url, body);
    else response.statusCode = 412;
  } else if (method === 'DELETE') objects.delete(url);
  else if (before === undefined) response.statusCode = 404;
  else response.setHeader('etag', etagOf(before));
  response.end(method === 'GET' ? before : '');
}

function etagOf(object: string | undefined): string {
  return object === undefined ? '' : `"${createHash('md5').update(object).digest('hex')}"`;
}
