import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import { OpenFeature } from '@openfeature/server-sdk';
import type { Halyard } from 'halyard';
import { flags, type FlagsState, killSwitch, requireFlag } from 'halyard/koa';
import Koa, { type Middleware, type ParameterizedContext } from 'koa';
import type { Registry } from 'prom-client';
import { type Customer, findCustomer } from './customers.js';

/** What the shop's middleware leaves in `ctx.state`. */
interface ShopState extends FlagsState {
  customer?: Customer;
}

const products = [
  { id: 'tea', name: 'Green tea', price: 4.5 },
  { id: 'mug', name: 'Blue mug', price: 9 },
  { id: 'kettle', name: 'Steel kettle', price: 39 },
];

/** The shop. Its behaviour follows the flags; nothing here knows where these come from. */
export function createShop(halyard: Halyard, registry: Registry): Koa<ShopState> {
  const app = new Koa<ShopState>();
  const router = new Router<ShopState>();

  // Mounted first: the context is read when a flag is, and by then the customer is known.
  app.use(flags<ShopState>(halyard, { context: ({ state: { customer } }) => contextOf(customer) }));
  app.use(authenticate);

  router.get('/', (context) => {
    context.body = {
      shop: 'Halyard & Daughters',
      try: ['/products', '/checkout', '/recommendations', '/beta', '/metrics'],
    };
  });

  router.get('/products', async (context) => {
    context.body = { products, shipping: await shippingCost() };
  });

  router.get('/checkout', (context) => {
    context.body = { flow: context.state.flags.boolean('new-checkout', false) ? 'new' : 'classic' };
  });

  // The guard stands ahead of the body parser: a switched off payment costs nothing.
  router.post('/pay', killSwitch(halyard, 'payments'), bodyParser(), (context) => {
    context.status = 201;
    context.body = { paid: context.request.body, by: context.state.customer?.id };
  });

  router.get('/recommendations', killSwitch(halyard, 'recommendations', { fallback: bestsellers }), (context) => {
    context.body = { by: 'model', products: products.slice(1) };
  });

  router.get('/beta', requireFlag(halyard, 'beta-dashboard'), (context) => {
    context.body = { welcome: `to the beta, ${context.state.customer?.id ?? 'guest'}` };
  });

  router.get('/explain/:flag', (context) => {
    context.body = `${String(context.state.flags.explain(context.params['flag'] ?? ''))}\n`;
  });

  // What an operator does when the payment provider is down; a real shop asks who is calling.
  router.post('/admin/payments/:action', async (context) => {
    const by = context.state.customer?.id ?? 'shop';
    if (context.params['action'] === 'kill') await halyard.kill('payments', { by, reason: 'asked for at /admin' });
    else await halyard.restore('payments', { by, reason: 'asked for at /admin' });
    context.body = halyard.details('payments', true);
  });

  router.get('/metrics', async (context) => {
    context.type = registry.contentType;
    context.body = await registry.metrics();
  });

  app.use(router.routes());
  return app;
}

/** Stands for real authentication: believes the header. */
const authenticate: Middleware<ShopState> = async (context, next) => {
  context.state.customer = findCustomer(context.get('x-user') || 'guest');
  await next();
};

function contextOf(customer: Customer | undefined) {
  return customer && { targetingKey: customer.id, email: customer.email, plan: customer.plan };
}

/** A service that knows nothing of Koa: its OpenFeature client sees the request's customer all the same. */
async function shippingCost(): Promise<number> {
  const isFree = await OpenFeature.getClient().getBooleanValue('free-shipping', false);
  return isFree ? 0 : 4.9;
}

function bestsellers(context: ParameterizedContext<ShopState>): void {
  context.body = { by: 'bestsellers', products: products.slice(0, 1) };
}
