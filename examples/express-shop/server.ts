import { createServer } from 'node:http';
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

const server = createServer(createShop(halyard, register));
server.listen(Number(process.env['PORT'] ?? 3000), () => {
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
The shop is open at ${url}, with ${halyard.health().flags} flags of ${flagFile}

  curl ${url}/checkout -H 'x-user: user_123'            flow "new": a target of new-checkout
  curl ${url}/checkout -H 'x-user: user-1'              flow "classic": not in the 10 %
  curl ${url}/products -H 'x-user: erin'                discount "15 %": enterprise, US, 250 employees
  curl ${url}/recommendations -H 'x-user: ana'          by "model": ana@company.com is staff
  curl -i ${url}/beta -H 'x-user: bea'                  200: a beta user; without the header 404
  curl ${url}/explain/new-checkout -H 'x-user: user-2'  every step to the answer

  curl -i -X POST ${url}/pay                            201
  curl -X POST ${url}/admin/payments/kill               the kill switch; now /pay answers 503
  curl -X POST ${url}/admin/payments/restore            and 201 again

  curl -s ${url}/metrics | grep ^feature_flag           what was evaluated, how often

Then set \`rollout: 100\` for new-checkout in the file and save it: user-1 gets the new flow at once.
Break the file: the problems are printed here, and the last good flags go on serving.
`;
}
