/** What the services of every framework have in common: ten answers per request, constant or from flags. */
import { flagKeys, units } from '../flag.js';

export const KEYS = flagKeys(10);

/** Names of services that every framework has, beside those of peers. */
export const BARE = 'bare';
export const ALONE = 'AsyncLocalStorage alone';
export const HALYARD = 'Halyard';
export const WITHOUT_TRANSACTION = 'Halyard, transactionContext: false';

/** What answers a request when nothing is asked. */
export const constantAnswers = () => ({ ...CONSTANT });

const CONSTANT = Object.fromEntries(KEYS.map((key) => [key, false]));

/** @param {import('../../../src/request/request-flags.js').RequestFlags} flags */
export function answersFrom(flags) {
  const answers = {};
  for (const key of KEYS) answers[key] = flags.boolean(key, false);
  return answers;
}

/** Stands for real authentication: believes the header. @param {import('node:http').IncomingMessage} request */
export const unitOf = (request) => units[Number(request.headers['x-unit'])];
