import { lintOfFlags } from '../lint.js';

export const namePattern = lintOfFlags(
  'name-pattern',
  'The key of the flag is not as --name-pattern says. Without a pattern, any key is right.',
  function* ({ key }, { namePattern: pattern }) {
    if (pattern === undefined || pattern.test(key)) return;
    yield { path: ['flags', key], message: `the key is not as it should be: ${pattern.source}` };
  },
);
