import Router from '@koa/router';
import { OpenFeature } from '@openfeature/server-sdk';
import { createHalyard, fileStore } from 'halyard';
import { flags, type FlagsState, killSwitch, requireFlag } from 'halyard/koa';
import Koa from 'koa';
import { Registry } from 'prom-client';
import scenario from './scenario.cjs';

/** An application with a state of its own; one without needs no types at all. */
interface ShopState extends FlagsState {
  user?: string;
}

await scenario({ createHalyard, fileStore, OpenFeature, Registry }, (halyard) => {
  const plain = new Router();
  plain.get('/plain', killSwitch(halyard, 'payments'), (context) => {
    const isNew: boolean = context.state.flags.boolean('new-checkout', false);
    context.body = { isNew };
  });
  const router = new Router<ShopState>();
  router.post('/pay', killSwitch(halyard, 'payments'), (context) => {
    context.body = { paid: true };
  });
  router.get('/beta', requireFlag(halyard, 'new-checkout'), async (context) => {
    const viaOpenFeature = await OpenFeature.getClient().getBooleanValue('new-checkout', false);
    context.body = { direct: context.state.flags.boolean('new-checkout', false), viaOpenFeature };
  });
  const app = new Koa<ShopState>();
  app.use(flags<ShopState>(halyard, { context: ({ state }) => ({ targetingKey: state.user }) }));
  app.use(async (context, next) => {
    context.state.user = context.get('x-user');
    await next();
  });
  app.use(plain.routes());
  app.use(router.routes());
  return app.listen(0, '127.0.0.1');
});
