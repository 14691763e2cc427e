import type { ProblemResponse } from './problem-response.js';

/**
 * Decides about one request, without waiting and without throwing.
 * @param carrier the request as `RequestOpener` knows it; one without flags is fine
 * @returns the answer to give in place of the route's; `undefined`: the request may pass
 */
export type Guard = (carrier: object) => ProblemResponse | undefined;
