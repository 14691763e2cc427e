import { toVariantName } from './names.js';
import type { FlagDocument, WrittenFlag, WrittenOutcome, WrittenRollout } from './flag-document.js';

/**
 * The document with one flag's rollout at `percentage`. A schedule gives way to the fixed share; variant, seed and the
 * like stay, and so does a split. A flag that served one variant to everyone rolls it out to this share.
 */
export function setRollout(document: FlagDocument, key: string, percentage: number): FlagDocument {
  const flag = Object.hasOwn(document.flags, key) ? document.flags[key] : undefined;
  if (flag === undefined) throw new Error(`No flag has the key "${key}".`);
  return { ...document, flags: { ...document.flags, [key]: withRollout(flag, percentage) } };
}

function withRollout({ serve, ...flag }: WrittenFlag & WrittenOutcome, percentage: number): WrittenFlag {
  const { rollout } = flag;
  if (typeof rollout === 'object') return { ...flag, rollout: fixed(rollout, percentage) };
  const served = serve === undefined ? undefined : toVariantName(serve);
  const off = flag.offVariant === undefined ? 'off' : flag.offVariant;
  const isOff = served !== undefined && served === (off === null ? null : toVariantName(off));
  const variant = isOff || served === undefined ? 'on' : served;
  return { ...flag, rollout: variant === 'on' ? percentage : { percentage, variant } };
}

function fixed(rollout: WrittenRollout, percentage: number): number | WrittenRollout {
  const { curve, from, to, hours, start, stages, checks, ...rest } = rollout;
  return Object.keys(rest).every((name) => name === 'percentage') ? percentage : { ...rest, percentage };
}
