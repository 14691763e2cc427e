/**
 * What TypeScript knows of the flags. `halyard types` writes a file that fills the two interfaces below; from then on a key
 * that no flag has doesn't compile, values have the types of their variants, and flags past their end are deprecated.
 * Without such a file every text is a key.
 *
 * The interfaces are global because the package comes twice, as ES modules and as CommonJS: an augmentation of the module
 * `halyard` would reach only the one that the augmenting file resolves to.
 */
declare global {
  /** The flags by their keys; each is the values of its variants, by their names. `halyard types` fills it. */
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- open for additions
  interface HalyardFlags {}

  /** The flags that should be gone, by their keys; each is the day it ended. `halyard types` fills it. */
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- open for additions
  interface HalyardExpiredFlags {}
}

type KnownKey = Extract<keyof HalyardFlags, string>;
type ExpiredKey = Extract<keyof HalyardExpiredFlags, string>;

/** The one or the other, by whether TypeScript was told of any flag. */
export type IfKnown<Known, Unknown> = [KnownKey] extends [never] ? Unknown : Known;

type KnownKeyOf<Type> = {
  [Key in KnownKey]: [Extract<FlagValueOf<Key>, Type>] extends [never] ? never : Key;
}[KnownKey];

/** The key of a flag. One that was put together, or came from outside, is made one with `key as FlagKey`. */
export type FlagKey = IfKnown<KnownKey, string>;
/** The key of a flag whose variants are booleans. */
export type BooleanFlagKey = IfKnown<KnownKeyOf<boolean>, string>;
/** The key of a flag whose variants are texts. */
export type StringFlagKey = IfKnown<KnownKeyOf<string>, string>;
/** The key of a flag whose variants are numbers. */
export type NumberFlagKey = IfKnown<KnownKeyOf<number>, string>;
/** The key of a flag whose variants are objects or arrays. */
export type ObjectFlagKey = IfKnown<KnownKeyOf<object>, string>;

/** The key of a flag that may serve values of a type. */
export type FlagKeyFor<Value> = Value extends boolean
  ? BooleanFlagKey
  : Value extends number
    ? NumberFlagKey
    : Value extends string
      ? StringFlagKey
      : ObjectFlagKey;

/** Those keys among `Key` whose flags should be gone. */
export type Expired<Key extends string> = Extract<Key, ExpiredKey>;

/**
 * The key itself, unless its flag should be gone: for a signature before one that is deprecated. TypeScript reports the use
 * of a deprecated signature, but not that of a deprecated key.
 */
export type Current<Key extends string> = IfExpired<[Key] extends [ExpiredKey] ? never : Key, Key>;

/** The one or the other, by whether there is any flag that should be gone. */
export type IfExpired<Some, None> = [ExpiredKey] extends [never] ? None : Some;

/** The values of a flag's variants. `Unknown` where TypeScript knows no flags. */
export type FlagValueOf<Key extends string, Unknown = boolean | number | string | object> = Key extends KnownKey
  ? HalyardFlags[Key][keyof HalyardFlags[Key]]
  : Unknown;

/** What may be the fallback of a flag: any value of its type. */
export type FallbackOf<Key extends string> =
  FlagValueOf<Key> extends infer Value ? (Value extends object ? object : Widened<Value>) : never;

/** A variant of a flag, by its name; `true` and `false` are `on` and `off`. */
export type VariantOf<Key extends string> = Key extends KnownKey
  ? Named<Extract<keyof HalyardFlags[Key], string>>
  : string | boolean;

type Named<Name extends string> = Name | (Name extends 'on' ? true : Name extends 'off' ? false : never);

/** `string` of `'blue'`; objects stay as they are. */
export type Widened<Value> = Value extends boolean
  ? boolean
  : Value extends number
    ? number
    : Value extends string
      ? string
      : Value;
