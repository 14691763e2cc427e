import type { Rule } from 'eslint';
import { emptyFlagState } from '../../flags/flag-state.js';
import { type FlagLifecycle, lifecycleOf } from '../../lifecycle/flag-lifecycle.js';
import type { LintedFile, RuleMaker } from '../linted-file.js';

/** A flag that should be gone by now. */
export const noExpired = (makeRule: RuleMaker): Rule.RuleModule =>
  makeRule(
    {
      type: 'suggestion',
      description: 'disallow flags whose end is over',
      messages: { expired: '`{{key}}` expired on {{day}}{{owner}}: remove it, or give it a later `expires`.' },
    },
    (file) => {
      if (file.reads.length === 0) return;
      const expired = expiredFlags(file);
      for (const read of file.reads) {
        const flag = read.key === undefined ? undefined : expired.get(read.key);
        if (flag === undefined) continue;
        const { key, expires, owner } = flag;
        const day = expires?.toISOString().slice(0, 10) ?? '';
        file.report(read, {
          messageId: 'expired',
          data: { key, day, owner: owner === undefined ? '' : ` (${owner})` },
        });
      }
    },
  );

function expiredFlags({ flags, settings: { lifetimes } }: LintedFile): ReadonlyMap<string, FlagLifecycle> {
  const all = lifecycleOf(flags.flags, emptyFlagState, new Map(), Date.now(), { lifetimes });
  return new Map(all.filter(({ isExpired }) => isExpired).map((flag) => [flag.key, flag]));
}
