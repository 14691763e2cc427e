import { NestFactory } from '@nestjs/core';
import type { Halyard } from 'halyard';
import { HALYARD } from 'halyard/nestjs';
import { AppModule, flagFile } from './app.module.js';

const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
app.enableShutdownHooks();
await app.listen(Number(process.env['PORT'] ?? 3000));

const halyard = app.get<Halyard>(HALYARD);
halyard.on('change', ({ flagKeys }) => console.log(`Flags changed: ${flagKeys.join(', ')}`));

console.log(whatToTry(`http://localhost:${new URL(await app.getUrl()).port}`));

function whatToTry(url: string): string {
  return `
The shop is open at ${url}, with ${halyard.health().flags} flags of ${flagFile}

  curl ${url}/checkout -H 'x-user: ana'              flow "new": ana@company.com is staff
  curl ${url}/checkout -H 'x-user: bo'               flow "classic": not in the 10 %
  curl ${url}/products -H 'x-user: bo'               button "red": bo's variant of the experiment
  curl -i ${url}/beta -H 'x-user: bea'               200: a beta user; as bo 404
  curl ${url}/explain/new-checkout -H 'x-user: bo'   every step to the answer

  curl -i -X POST ${url}/pay                         201
  curl -X POST ${url}/admin/payments/kill            the kill switch; now /pay answers 503
  curl -X POST ${url}/admin/payments/restore         and 201 again
  curl -X POST ${url}/admin/recommendations/kill     now /recommendations answers bestsellers

  curl -s ${url}/metrics | grep ^feature_flag        what was evaluated, how often

Then set \`rollout: 100\` for new-checkout in the file and save it: bo gets the new flow at once.
`;
}
