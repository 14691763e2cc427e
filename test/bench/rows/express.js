/** What ten flags per request cost an Express service. */
import { names } from '../children/express-app.js';
import { HALYARD, WITHOUT_TRANSACTION } from '../children/ten-answers.js';
import { measureFramework } from '../frameworks.js';

const aims = { [HALYARD]: 0.95, [WITHOUT_TRANSACTION]: 0.95 };

export const measure = () => measureFramework({ framework: 'Express', app: 'express-app', names, aims });
