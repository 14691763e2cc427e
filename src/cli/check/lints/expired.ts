import { inDays } from '../../../lifecycle/flag-lifecycle.js';
import { DAY_MS } from '../../../lifecycle/lifecycle-options.js';
import { dayOf } from '../../output/relative-time.js';
import { lintOfFlags } from '../lint.js';

export const expired = lintOfFlags(
  'expired',
  'The flag should be gone by now: `expires` is past.',
  function* (flag, { now }) {
    const { key, expires } = flag;
    if (expires === undefined || expires > now) return;
    const since = now - expires < DAY_MS ? 'within the last day' : `${inDays(now - expires)} ago`;
    yield {
      path: ['flags', key, 'expires'],
      message: `the flag expired ${since}, on ${dayOf(expires)}. Remove it from the code and then from here, or give it a later date.`,
    };
  },
);
