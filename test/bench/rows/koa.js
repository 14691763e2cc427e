/** What ten flags per request cost a Koa service. */
import { names } from '../children/koa-app.js';
import { HALYARD, WITHOUT_TRANSACTION } from '../children/ten-answers.js';
import { measureFramework } from '../frameworks.js';

// Koa makes a promise for every middleware, and Node counts what AsyncLocalStorage costs by promises.
const aims = { [HALYARD]: 0.85, [WITHOUT_TRANSACTION]: 0.92 };

export const measure = () => measureFramework({ framework: 'Koa', app: 'koa-app', names, aims });
