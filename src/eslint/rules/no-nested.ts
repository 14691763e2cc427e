import type { Rule } from 'eslint';
import { asksForAnswer } from '../../source/flag-read.js';
import type { RuleMaker } from '../linted-file.js';

/**
 * A flag that is read in a branch of another: nobody can tell any more what their states do together. Who wrote down that it
 * requires the other means it.
 */
export const noNested = (makeRule: RuleMaker): Rule.RuleModule =>
  makeRule(
    {
      type: 'suggestion',
      description: 'disallow reading a flag inside a branch of another flag',
      messages: {
        nested:
          '`{{key}}` is read in a branch of `{{outer}}`. Say in the flag file which variant it needs: `requires: [{ flag: {{outer}}, variant: … }]`.',
      },
    },
    ({ reads, flags, report }) => {
      for (const read of reads) {
        const { key } = read;
        if (key === undefined || !asksForAnswer(read.kind)) continue;
        const required = flags.flags.get(key)?.requires ?? [];
        // A key that no flag has is another rule's.
        const outer = read.inside.findLast(
          ({ flagKey }) =>
            (flags.flags.has(flagKey) || flags.refused.has(flagKey)) && !required.some(({ flag }) => flag === flagKey),
        );
        if (outer === undefined) continue;
        report(read, { messageId: 'nested', data: { key, outer: outer.flagKey } });
      }
    },
  );
