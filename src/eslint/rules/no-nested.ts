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
          '`{{key}}` is read in a branch of `{{outer}}`. Say in the flag file that it needs it: `requires: [{ flag: {{outer}}, variant: on }]`.',
      },
    },
    ({ reads, flags, report }) => {
      for (const read of reads) {
        const { key } = read;
        if (key === undefined || !asksForAnswer(read.kind)) continue;
        const required = flags.flags.get(key)?.requires ?? [];
        const outer = read.inside.findLast(({ flagKey }) => !required.some(({ flag }) => flag === flagKey));
        if (outer === undefined) continue;
        report(read, { messageId: 'nested', data: { key, outer: outer.flagKey } });
      }
    },
  );
