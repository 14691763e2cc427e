import type { FlagDocument, VariantValue, WrittenFlag } from '../../flags/flag-document.js';
import type { FallbackOf, FlagKey, FlagValueOf, IfKnown, VariantOf } from '../../flags/known-flags.js';
import { isReordered, isVariantName, toVariantName } from '../../flags/names.js';
import { didYouMean } from '../../flags/nearest-word.js';
import { sameJson } from '../../flags/same-json.js';
import { showName, showValue } from '../../flags/show-value.js';

/**
 * What flags answer to everyone, by their keys: a boolean (`on` or `off`), a variant's name, or a variant's value.
 * `undefined`: what the document says.
 */
export type FlagAnswers = IfKnown<
  { readonly [Key in FlagKey]?: FlagAnswer<Key> | Inherited<Key> | undefined },
  MadeUpAnswers
>;

/** What a flag may answer: a value that one of its variants has, or the variant's name. */
export type FlagAnswer<Key extends string> = FlagValueOf<Key, VariantValue> | VariantOf<Key>;

/** What every object has under a key such as `constructor`: to TypeScript, an object that doesn't state that flag states it. */
export type Inherited<Key extends string> = Key extends keyof ObjectConstructor['prototype']
  ? ObjectConstructor['prototype'][Key]
  : never;

/** What readers of flags got: also their own fallbacks. */
export type ReadAnswers = IfKnown<
  { readonly [Key in FlagKey]?: FlagAnswer<Key> | FallbackOf<Key> | Inherited<Key> | undefined },
  MadeUpAnswers
>;

/** Answers of flags that TypeScript needn't know: a test may make up flags of its own. */
export type MadeUpAnswers = Readonly<Record<string, VariantValue | undefined>>;

/** The variants of a flag that names none. */
const ON_OR_OFF = { on: true, off: false } as const;

/** What marks a flag that a test made of its answer alone: it may answer anything, whereas a real flag has its variants. */
const MADE = 'x-made-by-test';

/** A document of flags that answer this, and have no rules. */
export function documentOfAnswers(answers: MadeUpAnswers): FlagDocument {
  const flags = Object.entries(answers).flatMap(([key, answer]): [string, WrittenFlag][] =>
    answer === undefined ? [] : [[key, answering(key, { [MADE]: true }, answer)]],
  );
  return { version: 1, flags: Object.fromEntries(flags) };
}

/**
 * The flags of a document that answer this to everyone, whatever their rules say.
 * @throws TypeError for a key that the document lacks, and an answer that the flag can't give
 */
export function flagsAnswering(document: FlagDocument, answers: MadeUpAnswers): Readonly<Record<string, WrittenFlag>> {
  const flags = Object.entries(answers).flatMap(([key, answer]): [string, WrittenFlag][] => {
    const flag = flagOf(document, key);
    return answer === undefined ? [] : [[key, answering(key, flag, answer)]];
  });
  return Object.fromEntries(flags);
}

/** @throws TypeError with the nearest key, if the document lacks it */
export function flagOf({ flags }: FlagDocument, key: string): WrittenFlag {
  const flag = Object.hasOwn(flags, key) ? flags[key] : undefined;
  if (flag === undefined) throw new TypeError(unknownKey(key, Object.keys(flags)));
  return flag;
}

export function unknownKey(key: string, known: Iterable<string>): string {
  return `No flag has the key ${showName(key)}.${didYouMean(key, known)}`;
}

/** The flag with a target: one unit, and the variant that it gets before any rule. */
export function targeting(key: string, flag: WrittenFlag, unit: string, answer: VariantValue): WrittenFlag {
  const { variants, name } = withVariant(key, flag, answer);
  const others = Object.entries(flag.targets ?? {}).map(([variant, units]): [string, readonly (string | number)[]] => [
    toVariantName(variant),
    units.filter((other) => String(other) !== unit),
  ]);
  const targets = Object.fromEntries(others.filter(([, units]) => units.length > 0));
  const { serve, rollout, split } = flag;
  // A flag that says nothing else serves `on`; with targets it has to say so.
  const outcome = serve === undefined && rollout === undefined && split === undefined ? { serve: 'on' } : {};
  return { ...flag, ...variants, ...outcome, targets: { ...targets, [name]: [...(targets[name] ?? []), unit] } };
}

/** The names of a flag's variants, in their order. */
export function variantNames(flag: WrittenFlag): readonly string[] {
  return Object.keys(flag.variants ?? ON_OR_OFF).map(toVariantName);
}

function answering(key: string, flag: WrittenFlag, answer: VariantValue): WrittenFlag {
  const { variants, name } = withVariant(key, flag, answer);
  const { enabled, targets, rules, requires, rollout, split, ...rest } = flag;
  return { ...rest, ...variants, serve: name };
}

interface NamedVariant {
  /** What the flag's `variants` become, if they change. */
  readonly variants: Pick<WrittenFlag, 'variants'>;
  readonly name: string;
}

function withVariant(key: string, flag: WrittenFlag, answer: VariantValue): NamedVariant {
  const written = Object.entries(flag.variants ?? ON_OR_OFF);
  const name = typeof answer === 'boolean' || typeof answer === 'string' ? toVariantName(answer) : undefined;
  const found =
    written.find(([variant]) => toVariantName(variant) === name) ??
    written.find(([, value]) => sameJson(value, answer));
  if (found !== undefined) return { variants: {}, name: toVariantName(found[0]) };
  if (flag[MADE] === true) return madeVariant(flag, answer);
  const known = written.map(([variant, value]) => `${toVariantName(variant)} (${showValue(value)})`).join(', ');
  throw new TypeError(`${showName(key)} has no variant ${showValue(answer)}: its variants are ${known}.`);
}

/** The variant is called like its value, where that can be a name. */
function madeVariant({ variants = {} }: WrittenFlag, answer: VariantValue): NamedVariant {
  const canBeName = typeof answer === 'string' && isVariantName(answer) && !isReordered(answer);
  const name = canBeName ? toVariantName(answer) : 'value';
  const others = Object.values(variants).every((value) => typeof value === typeof answer) ? variants : {};
  return { variants: { variants: { ...others, [name]: answer } }, name };
}
