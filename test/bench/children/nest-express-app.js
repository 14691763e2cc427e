/** Nest on Express. */
import { createNestApp, names, onExpress } from './nest-apps.js';

export { names };

/** @param {string} name */
export const createApp = (name) => createNestApp(onExpress, name);
