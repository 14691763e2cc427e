import type { Rule } from 'eslint';
import type { RuleMaker } from '../linted-file.js';

/** A key that is computed: no tool finds such a read, and nobody dares to remove the flag. */
export const literalKey = (makeRule: RuleMaker): Rule.RuleModule =>
  makeRule(
    {
      type: 'suggestion',
      description: 'require flag keys to be literals or constants',
      messages: {
        computed: 'A flag key should be a text or a constant that holds one: no tool can tell which flag this reads.',
      },
    },
    ({ reads, report }) => {
      for (const read of reads) if (read.key === undefined) report(read, { messageId: 'computed', data: {} });
    },
  );
