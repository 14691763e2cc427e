/** Stands between a client and a server of this machine, and counts. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** What one question looks like on the wire: a command of Redis, what PostgreSQL ends each query with, a request. */
const QUESTIONS = {
  redis: { from: 'client', pattern: /\*\d+\r\n\$\d+\r\n/g },
  postgres: { from: 'server', pattern: /Z\0\0\0\x05[ITE]/g },
  http: { from: 'client', pattern: / HTTP\/1\.1\r\n/g },
};

/** @param {'redis' | 'postgres' | 'http'} kind @param {string} target a URL */
export async function startProxy(kind, target) {
  const url = new URL(target);
  const address = { host: url.hostname, port: Number(url.port) };
  const { from, pattern } = QUESTIONS[kind];
  const counts = { received: 0, sent: 0, questions: 0, connections: 0 };
  const sockets = new Set();
  const proxy = createServer((client) => {
    counts.connections += 1;
    const server = connect(address);
    pass(client, server, (bytes) => count('sent', 'client', bytes));
    pass(server, client, (bytes) => count('received', 'server', bytes));
  });
  const count = (direction, side, bytes) => {
    counts[direction] += bytes.length;
    if (side === from) counts.questions += bytes.toString('latin1').match(pattern)?.length ?? 0;
  };
  const pass = (source, sink, see) => {
    sockets.add(source);
    source.on('data', (bytes) => {
      see(bytes);
      sink.write(bytes);
    });
    source.on('error', () => undefined).on('close', () => sink.destroy());
  };
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  url.port = `${proxy.address().port}`;
  return {
    url: url.href.replace(/\/$/, ''),
    /** As of now. */
    read: () => ({ ...counts }),
    close: () => {
      proxy.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** What was added from one reading to the next. */
export const between = (before, after) =>
  Object.fromEntries(Object.keys(after).map((name) => [name, after[name] - before[name]]));
