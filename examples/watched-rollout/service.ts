import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler, type Express } from 'express';
import type { Halyard } from 'halyard';
import { flags } from 'halyard/express';

/** How often anything fails in this shop, new or old. */
const usualErrorRate = 0.004;
/** How often the new checkout fails on top of that. */
const errorRateOfNewCheckout = 0.08;

/** A shop with a new search, which works, and a new checkout, which fails now and then. */
export function createShop(halyard: Halyard): Express {
  const app = express();
  app.use(flags(halyard, { context: (request) => ({ targetingKey: request.get('x-user') ?? '' }) }));
  app.get('/search', (request, response) => {
    const isNew = request.flags.boolean('new-search', false);
    failNowAndThen(usualErrorRate);
    response.json({ search: isNew ? 'new' : 'classic' });
  });
  app.get('/checkout', (request, response) => {
    const isNew = request.flags.boolean('new-checkout', false);
    failNowAndThen(usualErrorRate + (isNew ? errorRateOfNewCheckout : 0));
    response.json({ checkout: isNew ? 'new' : 'classic' });
  });
  app.use(answerWithoutLogging);
  return app;
}

/** On a port that the system chooses. */
export async function listen(app: Express): Promise<{ readonly server: Server; readonly origin: string }> {
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function failNowAndThen(rate: number): void {
  if (Math.random() < rate) throw new Error('The database said no.');
}

const answerWithoutLogging: ErrorRequestHandler = (error, _request, response, next) => {
  if (response.headersSent) next(error);
  else response.status(500).json({ title: 'Internal Server Error' });
};
