import { OpenFeature } from '@openfeature/server-sdk';
import express from 'express';
import { createHalyard, fileStore } from 'halyard';
import { flags, killSwitch, requireFlag } from 'halyard/express';
import { Registry } from 'prom-client';
import scenario from './scenario.cjs';

void scenario({ createHalyard, fileStore, OpenFeature, Registry }, (halyard) => {
  const app = express();
  app.use(flags(halyard, { context: (request) => ({ targetingKey: request.get('x-user') }) }));
  app.post('/pay', killSwitch(halyard, 'payments'), (_request, response) => void response.json({ paid: true }));
  app.get('/beta', requireFlag(halyard, 'new-checkout'), async (request, response) => {
    const viaOpenFeature = await OpenFeature.getClient().getBooleanValue('new-checkout', false);
    response.json({ direct: request.flags.boolean('new-checkout', false), viaOpenFeature });
  });
  return app.listen(0, '127.0.0.1');
});
