/** Nest on Fastify. */
import { createNestApp, names, onFastify } from './nest-apps.js';

export { names };

/** @param {string} name */
export const createApp = (name) => createNestApp(onFastify, name);
