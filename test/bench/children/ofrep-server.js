/**
 * `ofrep-server.js FLAGS` serves so many flags by OFREP on a port of the system's choosing, and a bare answer of the same
 * size beside it. It sends the port; then it tells its processor time and memory, or changes a flag, when asked.
 */
import '../loopback-only.js';
import { createServer } from 'node:http';
import { flagDocument } from '../flag.js';
import { createHalyard, createNodeListener, memoryStore, ofrepHandler } from '../halyard.js';

const document = flagDocument(Number(process.argv[2]));
for (const flag of Object.values(document.flags)) flag.clientSafe = true;
const halyard = await createHalyard({ store: memoryStore(document) });
const listen = createNodeListener(ofrepHandler(halyard, { eventStream: { maxStreams: 20_000 } }));

/** What Node alone takes for a request and an answer of that size. */
const body = Buffer.from(JSON.stringify({ filling: 'x'.repeat(7_400) }));
function answerBare(request, response) {
  request.on('data', () => undefined);
  request.on('end', () => {
    const isKnown = request.headers['if-none-match'] !== undefined;
    if (isKnown) response.writeHead(304, { ETag: '"bare"' }).end();
    else response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length }).end(body);
  });
}

const server = createServer((request, response) => {
  if (request.url === '/bare') answerBare(request, response);
  else listen(request, response);
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, () => process.send({ port: server.address().port }));

let isOn = false;
process.on('message', (question) => {
  if (question === 'change') {
    isOn = !isOn;
    halyard.override('flag-0', isOn ? 'on' : 'off');
  }
  if (question === 'memory') globalThis.gc();
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  process.send({ cpuMicroseconds: user + system, rss, heapUsed, at: Date.now() });
});
process.on('disconnect', () => process.exit());
