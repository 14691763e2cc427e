import { lintOfFlags } from '../lint.js';

export const noOwner = lintOfFlags(
  'no-owner',
  'Nobody answers for the flag: it has no `owner`.',
  function* ({ key, owner }) {
    if (owner === undefined) {
      yield { path: ['flags', key], message: 'nobody answers for the flag. Add `owner: the-team`.' };
    }
  },
);
