const { OpenFeature } = require('@openfeature/server-sdk');
const express = require('express');
const { createHalyard, fileStore } = require('halyard');
const { flags, killSwitch, requireFlag } = require('halyard/express');
const { Registry } = require('prom-client');
const scenario = require('./scenario.cjs');

scenario({ createHalyard, fileStore, OpenFeature, Registry }, (halyard) => {
  const app = express();
  app.use(flags(halyard, { context: (request) => ({ targetingKey: request.get('x-user') }) }));
  app.post('/pay', killSwitch(halyard, 'payments'), (_request, response) => response.json({ paid: true }));
  app.get('/beta', requireFlag(halyard, 'new-checkout'), async (request, response) => {
    const viaOpenFeature = await OpenFeature.getClient().getBooleanValue('new-checkout', false);
    response.json({ direct: request.flags.boolean('new-checkout', false), viaOpenFeature });
  });
  return app.listen(0, '127.0.0.1');
});
