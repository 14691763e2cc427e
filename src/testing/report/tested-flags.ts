import type { LoggedAnswer } from './answer-log.js';

/** Which variants of a flag tests ran. */
export interface TestedFlag {
  readonly flagKey: string;
  /** All, in their order. */
  readonly variants: readonly string[];
  /** Those that no test was given. */
  readonly untested: readonly string[];
  /** Whether any test read it at all. */
  readonly isRead: boolean;
}

/** Flag keys with the names of their variants. */
export type VariantsByKey = ReadonlyMap<string, readonly string[]>;

/** @param flags the flags to look at, read or not, in their order; `undefined`: those that were read, by their keys */
export function testedFlags(answers: readonly LoggedAnswer[], flags: VariantsByKey | undefined): readonly TestedFlag[] {
  const byKey = new Map<string, LoggedAnswer[]>();
  for (const answer of answers) {
    const some = byKey.get(answer.flagKey);
    if (some === undefined) byKey.set(answer.flagKey, [answer]);
    else some.push(answer);
  }
  const all = flags ?? new Map(Array.from(byKey, ([key, some]) => [key, variantsOf(some)] as const).sort());
  return Array.from(all, ([flagKey, variants]) => {
    const some = byKey.get(flagKey) ?? [];
    const given = new Set(some.map(({ variant }) => variant));
    return {
      flagKey,
      variants,
      untested: variants.filter((variant) => !given.has(variant)),
      isRead: some.length > 0,
    };
  });
}

/** Where each test made the flag of its own answer, none of them knows all variants; their order then means nothing. */
function variantsOf(answers: readonly LoggedAnswer[]): readonly string[] {
  const all = new Set(answers.flatMap(({ variants }) => variants));
  return answers.find(({ variants }) => variants.length === all.size)?.variants ?? [...all].sort();
}
