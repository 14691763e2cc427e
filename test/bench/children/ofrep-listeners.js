/**
 * `ofrep-listeners.js COUNT` opens so many event streams and sends `'open'`; asked to wait for the next event, it sends when
 * the last of them had it, in milliseconds since the epoch.
 */
import '../loopback-only.js';
import { once } from 'node:events';
import { connect } from 'node:net';

const AT_ONCE = 200;
const REQUEST = 'GET /ofrep/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n';

const count = Number(process.argv[2]);
let told = 0;
let onAllTold = () => undefined;

process.on('message', async (question) => {
  if (typeof question === 'object') {
    for (let opened = 0; opened < count; opened += AT_ONCE) {
      await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - opened) }, () => listen(question.port)));
    }
    process.send('open');
  } else {
    told = 0;
    onAllTold = () => process.send({ at: Date.now() });
    process.send('waiting');
  }
});
process.on('disconnect', () => process.exit());

async function listen(port) {
  const socket = connect({ port, host: '127.0.0.1' });
  await once(socket, 'connect');
  socket.write(REQUEST);
  await once(socket, 'data');
  socket.on('data', (data) => {
    if (data.includes('refetchEvaluation') && (told += 1) === count) onAllTold();
  });
}
