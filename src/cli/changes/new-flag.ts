import type { FlagKind, VariantValue, WrittenFlag } from '../../flags/flag-document.js';
import { toVariantName } from '../../flags/names.js';
import { CommandError } from '../command-error.js';
import { EXIT } from '../exit-code.js';
import { parsePercentage } from './percentage-text.js';

/** What a new flag is to be, as the command line says it. */
export interface NewFlagOptions {
  readonly kind?: FlagKind;
  readonly owner?: string;
  readonly description?: string;
  readonly ticket?: string;
  readonly expires?: string;
  readonly tag?: readonly string[];
  readonly clientSafe?: boolean;
  readonly rollout?: string;
  readonly serve?: string;
  readonly offVariant?: string;
  readonly variant?: readonly string[];
  readonly split?: readonly string[];
}

/**
 * A flag as it is written, which serves nobody yet unless it is told to: what is new is off. Only one that operates
 * something, such as a kill switch, is on.
 *
 * @param today e.g. `2026-11-21`
 * @throws CommandError for an option that can't be meant
 */
export function newFlag(options: NewFlagOptions, today: string): WrittenFlag {
  const { kind, owner, description, ticket, expires, tag, clientSafe, variant } = options;
  const variants = variant === undefined ? undefined : Object.fromEntries(variant.map(parseVariant));
  const flag: WrittenFlag = {
    ...(kind !== undefined && { kind }),
    ...(description !== undefined && { description }),
    ...(owner !== undefined && { owner }),
    ...(ticket !== undefined && { ticket }),
    created: today,
    ...(expires !== undefined && { expires }),
    ...(tag !== undefined && { tags: tag }),
    ...(clientSafe === true && { clientSafe }),
    ...(variants !== undefined && { variants }),
  };
  return { ...flag, ...offVariantOf(options, variants), ...outcomeOf(options, variants) };
}

type Variants = Readonly<Record<string, VariantValue>> | undefined;

/** Of variants without `off`, the first is what everyone had before. */
function offVariantOf({ offVariant }: NewFlagOptions, variants: Variants): Pick<WrittenFlag, 'offVariant'> {
  const [first] = Object.keys(variants ?? {});
  if (offVariant !== undefined) return { offVariant: toVariantName(offVariant) };
  return first === undefined || Object.hasOwn(variants ?? {}, 'off') ? {} : { offVariant: first };
}

function outcomeOf(
  { kind = 'release', rollout, serve, split, offVariant }: NewFlagOptions,
  variants: Variants,
): Pick<WrittenFlag, 'serve' | 'rollout' | 'split'> {
  const shares = split === undefined ? undefined : Object.fromEntries(split.map(parseShare));
  const percentage = rollout === undefined ? undefined : parsePercentage('--rollout', rollout);
  if (serve !== undefined || percentage !== undefined || shares !== undefined) {
    return {
      ...(serve !== undefined && { serve: toVariantName(serve) }),
      ...(percentage !== undefined && { rollout: percentage }),
      ...(shares !== undefined && { split: shares }),
    };
  }
  if (kind === 'operational' && variants === undefined) return {};
  const [first] = Object.keys(variants ?? {});
  const isBoolean = variants === undefined || Object.hasOwn(variants, 'on');
  return isBoolean ? { rollout: 0 } : { serve: offVariant ?? first ?? 'off' };
}

function parseVariant(text: string): [name: string, value: VariantValue] {
  const [name, value] = pairOf('--variant', 'name=value, such as blue="#00f" or size=10', text);
  try {
    const parsed: unknown = JSON.parse(value);
    return [name, parsed as VariantValue];
  } catch {
    return [name, value];
  }
}

function parseShare(text: string): [name: string, weight: number] {
  const [name, weight] = pairOf('--split', 'variant=weight, such as control=50', text);
  const number = Number(weight);
  if (weight !== '' && number >= 0 && Number.isFinite(number)) return [name, number];
  throw new CommandError(EXIT.usage, `--split: expected a weight from 0 on, found ${text}.`);
}

function pairOf(option: string, expected: string, text: string): [name: string, value: string] {
  const equals = text.indexOf('=');
  if (equals < 1) throw new CommandError(EXIT.usage, `${option}: expected ${expected}, found ${text}.`);
  return [toVariantName(text.slice(0, equals)), text.slice(equals + 1)];
}
