import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { createHalyard, type FleetNotReachedError } from 'halyard';
import { killSwitch } from 'halyard/express';
import { openStore } from './store.js';

/** One process of the fleet: a payment service with a kill switch. It ends with the process that started it. */
const [url = '', run = '', host = ''] = process.argv.slice(2);
const { store, end } = await openStore(url, run);
const halyard = await createHalyard({ store, fleet: { host } });

const app = express();

app.post('/pay', killSwitch(halyard, 'payments'), (_request, response) => {
  response.status(201).json({ paid: true, by: host });
});

app.get('/fleet', async (_request, response) => {
  response.json(await halyard.fleet());
});

// What an operator does when the payment provider is down; a real service asks who is calling.
app.post('/admin/payments/:action', async (request, response) => {
  const options = { by: 'operator', reason: 'asked for at /admin', waitForFleet: { timeoutMs: 3_000 } };
  try {
    if (request.params.action === 'kill') await halyard.kill('payments', options);
    else await halyard.restore('payments', options);
    response.json({ everywhere: true });
  } catch (error) {
    const { message, missing } = error as FleetNotReachedError;
    response.status(504).json({ everywhere: false, message, missing });
  }
});

const server = createServer(app);
server.listen(0, () => process.send?.((server.address() as AddressInfo).port));

// A group of processes gets Ctrl-C all at once: the one that started the others ends them.
process.on('SIGINT', () => undefined);
process.once('SIGTERM', close);
process.once('disconnect', close);
if (!process.connected) close();

function close(): void {
  server.close();
  server.closeAllConnections();
  void halyard
    .close()
    .then(end)
    .then(() => process.exit());
}
