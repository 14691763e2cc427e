export { syncHandler } from './sync-handler.js';
export type { SyncFleetOptions, SyncOptions, SyncStreamOptions } from './sync-options.js';
export type { Authorise } from '../http/credentials.js';
export type { FetchHandler } from '../http/fetch-handler.js';
export { createNodeListener, type NodeListener } from '../http/node-listener.js';
export type { RateLimitOptions } from '../http/rate-limit.js';
