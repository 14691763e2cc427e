import type { Rule } from 'eslint';
import { checkOptions, isListOfTexts, isObject, isText, type OptionChecks } from '../options/check-options.js';
import type { Lifetimes } from '../lifecycle/lifecycle-options.js';
import type { NamedWrapper } from '../source/flag-access.js';

/** What `settings.halyard` of an ESLint configuration may say. */
export interface HalyardSettings {
  /**
   * The flag file, or several that are merged, where later wins; relative to the folder in which ESLint runs. Default:
   * `flags.yaml`.
   */
  readonly flags?: string | readonly string[] | undefined;
  /**
   * Functions of your own that take a flag key, which can't be seen in the same file: `isEnabled`, or `isEnabled:1` where
   * the key is another argument than the first (0).
   */
  readonly wrappers?: readonly string[] | undefined;
  /** How many days flags live that don't say when they end, by kind. Default: release and experiment 40, others no end. */
  readonly lifetimes?: Lifetimes | undefined;
}

const isWrapper = (text: string): boolean => /^[\p{ID_Start}$_][\p{ID_Continue}$]*(:\d{1,2})?$/u.test(text);

const checks: OptionChecks<HalyardSettings> = {
  flags: {
    allowed: 'the path of a flag file, or a list of paths',
    isRight: (value) => isText(value) || (isListOfTexts(value) && value.length > 0),
  },
  wrappers: {
    allowed: 'a list of names of functions, each alone or as NAME:ARGUMENT',
    isRight: (value) => isListOfTexts(value) && value.every(isWrapper),
  },
  lifetimes: { allowed: 'an object of days by kind', isRight: isObject },
};

/** @throws TypeError that names the setting, what came and what is allowed */
export function settingsOf({ settings }: Rule.RuleContext): HalyardSettings {
  const { halyard = {} } = settings as { readonly halyard?: HalyardSettings };
  checkOptions('settings.halyard', halyard, checks);
  return halyard;
}

export function wrappersOf({ wrappers = [] }: HalyardSettings): readonly NamedWrapper[] {
  return wrappers.map((text) => {
    const [name = '', argument = '0'] = text.split(':');
    return { name, argument: Number(argument) };
  });
}
