import Router from '@koa/router';
import { OpenFeature } from '@openfeature/server-sdk';
import { createHalyard, fileStore } from 'halyard';
import { flags, killSwitch, requireFlag } from 'halyard/koa';
import Koa from 'koa';
import { Registry } from 'prom-client';
import scenario from './scenario.cjs';

await scenario({ createHalyard, fileStore, OpenFeature, Registry }, (halyard) => {
  const router = new Router();
  router.post('/pay', killSwitch(halyard, 'payments'), (context) => {
    context.body = { paid: true };
  });
  router.get('/beta', requireFlag(halyard, 'new-checkout'), async (context) => {
    const viaOpenFeature = await OpenFeature.getClient().getBooleanValue('new-checkout', false);
    context.body = { direct: context.state.flags.boolean('new-checkout', false), viaOpenFeature };
  });
  const app = new Koa();
  app.use(flags(halyard, { context: (context) => ({ targetingKey: context.get('x-user') }) }));
  app.use(router.routes());
  return app.listen(0, '127.0.0.1');
});
