import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import type { Halyard } from 'halyard';
import { flags, killSwitch, requireFlag } from 'halyard/express';
import type { Registry } from 'prom-client';
import { type Customer, findCustomer } from './customers.js';

declare module 'express-serve-static-core' {
  interface Request {
    customer?: Customer;
  }
}

const products = [
  { id: 'tea', name: 'Green tea', price: 4.5, popularity: 3 },
  { id: 'mug', name: 'Blue mug', price: 9, popularity: 1 },
  { id: 'kettle', name: 'Steel kettle', price: 39, popularity: 2 },
];

/** The shop. Its behaviour follows the flags; nothing here knows where these come from. */
export function createShop(halyard: Halyard, registry: Registry): Express {
  const app = express();

  // Mounted first: the context is read when a flag is, and by then the customer is known.
  app.use(flags(halyard, { context: ({ customer }) => customer && { ...customer, targetingKey: customer.id } }));
  // Ahead of body parsing and authentication: a switched off payment costs nothing.
  app.use('/pay', killSwitch(halyard, 'payments'));
  app.use(express.json());
  app.use(authenticate);

  app.get('/', (_request, response) => {
    response.json({
      shop: 'Halyard & Daughters',
      try: ['/products', '/checkout', '/recommendations', '/beta', '/metrics'],
    });
  });

  app.get('/products', (request, response) => {
    const ranked = request.flags.boolean('search-ranking', false)
      ? products.toSorted((a, b) => b.popularity - a.popularity)
      : products;
    response.json({
      theme: request.flags.boolean('dark-mode', false) ? 'dark' : 'light',
      layout: request.flags.boolean('new-ui-layout', false) ? 'new' : 'classic',
      search: request.flags.boolean('experimental-search', false) ? 'experimental' : 'standard',
      banner: request.flags.boolean('premium-banner', false),
      discount: request.flags.boolean('volume-discount', false) ? '15 %' : 'none',
      products: ranked,
    });
  });

  app.get('/checkout', (request, response) => {
    response.json({
      flow: request.flags.boolean('new-checkout', false) ? 'new' : 'classic',
      oneClick: request.flags.boolean('one-click-payment', false),
      payWith: request.flags.object('checkout-payment-options', ['card']),
      button: request.flags.string('button-color', 'blue'),
      servedBy: request.flags.string('order-service', 'order-service-v1'),
    });
  });

  app.post('/pay', (request, response) => {
    response.status(201).json({ paid: true, by: request.customer?.id });
  });

  app.get(
    '/recommendations',
    killSwitch(halyard, 'recommendations', { fallback: bestsellers }),
    (request, response) => {
      response.json({
        by: request.flags.boolean('ai-recommendations', false) ? 'model' : 'rules',
        products: products.slice(1),
      });
    },
  );

  app.get('/beta', requireFlag(halyard, 'beta-dashboard'), (request, response) => {
    response.json({ welcome: `to the beta, ${request.customer?.id ?? 'guest'}` });
  });

  app.get('/legacy', requireFlag(halyard, 'legacy-api'), (_request, response) => {
    response.json({ deprecated: true });
  });

  app.get('/explain/:flag', (request, response) => {
    response.type('text/plain').send(`${String(request.flags.explain(request.params.flag))}\n`);
  });

  // What an operator does when the payment provider is down; a real shop asks who is calling.
  app.post('/admin/payments/:action', async (request, response) => {
    const by = request.customer?.id ?? 'shop';
    if (request.params.action === 'kill') await halyard.kill('payments', { by, reason: 'asked for at /admin' });
    else await halyard.restore('payments', { by, reason: 'asked for at /admin' });
    response.json(halyard.details('payments', true));
  });

  app.get('/health', (_request, response) => {
    const { status, version, flags: count, ageMs } = halyard.health();
    response.json({ status, version, flags: count, ageMs });
  });

  app.get('/metrics', async (_request, response) => {
    response.type(registry.contentType).send(await registry.metrics());
  });

  return app;
}

/** Stands for real authentication: believes the header. */
function authenticate(request: Request, _response: Response, next: NextFunction): void {
  request.customer = findCustomer(request.get('x-user') ?? 'guest');
  next();
}

function bestsellers(_request: Request, response: Response): void {
  response.json({ by: 'bestsellers', products: products.slice(0, 1) });
}
