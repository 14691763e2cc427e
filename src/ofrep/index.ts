export { ofrepHandler } from './ofrep-handler.js';
export type { EventStreamOptions, OfrepOptions, Trusted } from './ofrep-options.js';
export type { CorsOptions } from '../http/cors.js';
export type { Authorise, Credentials } from '../http/credentials.js';
export type { FetchHandler } from '../http/fetch-handler.js';
export { createNodeListener, type NodeListener } from '../http/node-listener.js';
export type { RateLimitOptions } from '../http/rate-limit.js';
