import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { OpenFeature } from '@openfeature/server-sdk';
import { createHalyard, fileStore } from 'halyard';
import { collectDefaultMetrics, register } from 'prom-client';
import { createShop } from './shop.js';

const flagFile = fileURLToPath(new URL('flags.yaml', import.meta.url));

collectDefaultMetrics();
const halyard = await createHalyard({ store: fileStore(flagFile), registry: register });
await OpenFeature.setProviderAndWait(halyard.provider);
halyard.on('change', ({ flagKeys }) => console.log(`Flags changed: ${flagKeys.join(', ')}`));

const server = createShop(halyard, register).listen(Number(process.env['PORT'] ?? 3000), () => {
  const { port } = server.address() as AddressInfo;
  console.log(whatToTry(`http://localhost:${port}`));
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close(() => void halyard.close());
    server.closeAllConnections();
  });
}

function whatToTry(url: string): string {
  return `
The Koa shop is open at ${url}, with ${halyard.health().flags} flags of ${flagFile}

  curl ${url}/checkout -H 'x-user: user_123'            flow "new": a target of new-checkout
  curl ${url}/checkout -H 'x-user: user-1'              flow "classic": not in the 10 %
  curl ${url}/products -H 'x-user: bo'                  shipping 0: a paying customer, seen by an OpenFeature client
  curl -i ${url}/beta -H 'x-user: ana'                  200: ana@company.com is staff; without the header 404
  curl ${url}/recommendations                           by "bestsellers": the fallback of a switch that is off
  curl ${url}/explain/new-checkout -H 'x-user: user-1'  every step to the answer

  curl -i ${url}/pay -d order=7                         201
  curl -X POST ${url}/admin/payments/kill               the kill switch; now /pay answers 503
  curl -X POST ${url}/admin/payments/restore            and 201 again

  curl -s ${url}/metrics | grep ^feature_flag           what was evaluated, how often, how requests went

Then set \`rollout: 100\` for new-checkout in the file and save it: user-1 gets the new flow at once.
Break the file: the problems are printed here, and the last good flags go on serving.
`;
}
