import type { Condition } from '../../../flags/flag-definition.js';
import type { Lint, LintedDocument, LintHit } from '../lint.js';

/** How many levels people can still follow. */
const MAX_LEVELS = 2;

export const deepNesting: Lint = {
  rule: 'deep-nesting',
  description: `Prerequisites, or conditions with \`any\` and \`not\`, are nested more than ${MAX_LEVELS} levels deep.`,
  *look(document) {
    yield* deepChains(document);
    for (const [name, condition] of document.segments) {
      yield* deepCondition(condition, ['segments', name]);
    }
    for (const { key, rules } of document.flags.values()) {
      for (const [index, { condition }] of rules.entries()) {
        yield* deepCondition(condition, ['flags', key, 'rules', index, 'when']);
      }
    }
  },
};

function* deepCondition(condition: Condition, path: LintHit['path']): Generator<LintHit> {
  const levels = levelsOf(condition);
  if (levels <= MAX_LEVELS) return;
  yield {
    path,
    message: `\`any\` and \`not\` are nested ${levels} levels deep. Give a part a name under \`segments\`, or make it a rule of its own.`,
  };
}

/** That all of several hold is how rules read anyway: it is no level. */
function levelsOf(condition: Condition): number {
  switch (condition.type) {
    case 'all':
      return deepest(condition.conditions);
    case 'any':
      // `segment: [a, b]` is a list, and no thought of its own.
      return condition.conditions.every(({ type }) => type === 'segment') ? 0 : 1 + deepest(condition.conditions);
    case 'not':
      return 1 + levelsOf(condition.condition);
    default:
      return 0;
  }
}

const deepest = (conditions: readonly Condition[]): number =>
  conditions.reduce((levels, condition) => Math.max(levels, levelsOf(condition)), 0);

/** Flags whose prerequisites have prerequisites that have more. The parser has refused circles, and endless chains. */
function* deepChains({ flags }: LintedDocument): Generator<LintHit> {
  const chains = new Map<string, readonly string[]>();
  const chainOf = (key: string): readonly string[] => {
    const known = chains.get(key);
    if (known !== undefined) return known;
    const below = (flags.get(key)?.requires ?? []).map(({ flag }) => chainOf(flag));
    const chain = [key, ...below.reduce((longest, one) => (one.length > longest.length ? one : longest), [])];
    chains.set(key, chain);
    return chain;
  };
  for (const key of flags.keys()) {
    const chain = chainOf(key);
    if (chain.length - 1 <= MAX_LEVELS) continue;
    yield {
      path: ['flags', key, 'requires'],
      message: `prerequisites are ${chain.length - 1} levels deep: ${chain.join(' → ')}. Require the one that matters.`,
    };
  }
}
