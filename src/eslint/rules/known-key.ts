import type { Rule } from 'eslint';
import { didYouMean, nearestWord } from '../../flags/nearest-word.js';
import type { FlagRead } from '../../source/flag-read.js';
import type { LintedFile, RuleMaker } from '../linted-file.js';

/** A key that no flag file has. A test may say what it likes. */
export const knownKey = (makeRule: RuleMaker): Rule.RuleModule =>
  makeRule(
    {
      type: 'problem',
      description: 'disallow flag keys that the flag file lacks',
      messages: {
        unknown: 'There is no flag `{{key}}`.{{hint}}',
        replace: 'Write `{{nearest}}`.',
      },
      hasSuggestions: true,
    },
    (file) => {
      for (const read of file.reads) {
        if (read.key !== undefined && read.kind !== 'test' && !isKnown(read.key, file)) report(read, read.key, file);
      }
    },
  );

const isKnown = (key: string, { flags }: LintedFile): boolean => flags.flags.has(key) || flags.refused.has(key);

function report(read: FlagRead, key: string, file: LintedFile): void {
  const keys = [...file.flags.flags.keys()];
  const nearest = nearestWord(key, keys);
  const { type, range } = read.keyNode as { readonly type: string; readonly range?: [number, number] };
  // A constant's text stands elsewhere.
  const canReplace = nearest !== undefined && type === 'Literal' && range !== undefined;
  file.report(read, {
    messageId: 'unknown',
    data: { key, hint: didYouMean(key, keys) },
    ...(canReplace && {
      suggest: [
        {
          messageId: 'replace',
          data: { nearest },
          // The quotes stay as they are.
          fix: (fixer) => fixer.replaceTextRange([range[0] + 1, range[1] - 1], nearest),
        },
      ],
    }),
  });
}
