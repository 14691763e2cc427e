import type { ServerResponse } from 'node:http';
import type { ProblemResponse } from './problem-response.js';

/**
 * Decides about one request, without waiting and without throwing.
 * @param carrier the request as `RequestOpener` knows it; one without flags is fine
 * @param response Node's response, whose end is the request's; without it someone calls `endCall`
 * @param call the object that this request has everywhere, and no other. Default: `carrier`, unless it brings many
 * @returns the answer to give in place of the route's; `undefined`: the request may pass
 */
export type Guard = (carrier: object, response?: ServerResponse, call?: object) => ProblemResponse | undefined;
