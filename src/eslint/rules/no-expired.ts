import type { Rule } from 'eslint';
import { termOf } from '../../lifecycle/flag-lifecycle.js';
import { readLifecycleOptions } from '../../lifecycle/lifecycle-options.js';
import type { RuleMaker } from '../linted-file.js';

/** A flag that should be gone by now. */
export const noExpired = (makeRule: RuleMaker): Rule.RuleModule =>
  makeRule(
    {
      type: 'suggestion',
      description: 'disallow flags whose end is over',
      messages: { expired: '`{{key}}` expired on {{day}}{{owner}}: remove it, or give it a later `expires`.' },
    },
    ({ reads, flags, settings: { lifetimes }, report }) => {
      if (reads.length === 0) return;
      const lifecycle = readLifecycleOptions('settings.halyard', { lifetimes });
      const now = Date.now();
      for (const read of reads) {
        const flag = read.key === undefined ? undefined : flags.flags.get(read.key);
        const { isExpired = false, expires = 0 } = flag === undefined ? {} : termOf(flag, lifecycle, now);
        if (flag === undefined || !isExpired) continue;
        const day = new Date(expires).toISOString().slice(0, 10);
        const owner = flag.owner === undefined ? '' : ` (${flag.owner})`;
        report(read, { messageId: 'expired', data: { key: flag.key, day, owner } });
      }
    },
  );
