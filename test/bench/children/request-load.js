/**
 * Keeps a number of connections busy, one request after another on each, and counts the answers. It reads no more of an
 * answer than where it ends, so that it takes little of the machine.
 */
import '../loopback-only.js';
import { once } from 'node:events';
import { connect } from 'node:net';
import { units } from '../flag.js';

const CONNECTIONS = 16;

const requests = units.map((_, index) =>
  Buffer.from(`GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Unit: ${index}\r\nAccept: application/json\r\n\r\n`),
);

process.on('message', async ({ port, durationMs }) => process.send({ answers: await load(port, durationMs) }));
process.on('disconnect', () => process.exit());

async function load(port, durationMs) {
  const sockets = await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      await once(socket, 'connect');
      return socket;
    }),
  );
  let answers = 0;
  let next = 0;
  for (const socket of sockets) {
    const ask = () => socket.write(requests[next++ % requests.length]);
    socket.on('data', (data) => {
      // An answer is far smaller than a packet, and the only one on its way.
      if (data.at(-1) !== 0x7d) return;
      answers += 1;
      ask();
    });
    socket.on('error', () => undefined);
    ask();
  }
  await new Promise((resolve) => setTimeout(resolve, durationMs));
  for (const socket of sockets) socket.destroy();
  return answers;
}
