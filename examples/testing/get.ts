import type { Express } from 'express';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** What a GET is answered, by a server for this one request: what `supertest` does. */
export async function get(app: Express, path: string): Promise<{ readonly status: number; readonly body: string }> {
  const server = app.listen(0);
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close' } });
    return { status: response.status, body: await response.text() };
  } finally {
    server.close();
  }
}
