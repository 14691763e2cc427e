/** Keeps a number of connections busy with one and the same request, and counts the answers. */
import '../loopback-only.js';
import { once } from 'node:events';
import { connect } from 'node:net';

const CONNECTIONS = 16;

process.on('message', async ({ port, path, etag, durationMs }) => {
  process.send({ answers: await load(port, requestFor(path, etag), durationMs) });
});
process.on('disconnect', () => process.exit());

function requestFor(path, etag) {
  const body = JSON.stringify({ context: { targetingKey: 'user-1', country: 'US', plan: 'pro' } });
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n` +
      `${etag === undefined ? '' : `If-None-Match: ${etag}\r\n`}Content-Length: ${body.length}\r\n\r\n${body}`,
  );
}

async function load(port, request, durationMs) {
  const sockets = await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      await once(socket, 'connect');
      return socket;
    }),
  );
  let answers = 0;
  for (const socket of sockets) {
    socket.on('data', (data) => {
      // An answer ends with its JSON or, without a body, with an empty line; and it is the only one on its way.
      const last = data.at(-1);
      if (last !== 0x7d && last !== 0x0a) return;
      answers += 1;
      socket.write(request);
    });
    socket.on('error', () => undefined);
    socket.write(request);
  }
  await new Promise((resolve) => setTimeout(resolve, durationMs));
  for (const socket of sockets) socket.destroy();
  return answers;
}
