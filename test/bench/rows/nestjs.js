/** What ten flags per request cost a Nest service, on Express and on Fastify. */
import { names } from '../children/nest-apps.js';
import { HALYARD, WITHOUT_TRANSACTION } from '../children/ten-answers.js';
import { measureFramework } from '../frameworks.js';

/** Fastify itself takes so little time that the same work is a larger share of it. */
const platforms = [
  {
    framework: 'Nest on Express',
    app: 'nest-express-app',
    names,
    aims: { [HALYARD]: 0.95, [WITHOUT_TRANSACTION]: 0.95 },
  },
  {
    framework: 'Nest on Fastify',
    app: 'nest-fastify-app',
    names,
    aims: { [HALYARD]: 0.85, [WITHOUT_TRANSACTION]: 0.92 },
  },
];

export async function measure() {
  const results = [];
  for (const platform of platforms) results.push(...(await measureFramework(platform)));
  return results;
}
