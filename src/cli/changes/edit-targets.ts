import type { WrittenFlag } from '../../flags/flag-document.js';
import { toVariantName } from '../../flags/names.js';

type Targets = NonNullable<WrittenFlag['targets']>;

/** A flag that serves these units this variant, and no other. */
export function withTargets(flag: WrittenFlag, variant: string, units: readonly string[]): WrittenFlag {
  const { targets = {} } = flag;
  const elsewhere = without(targets, units, (name) => name !== variant);
  const name = Object.keys(elsewhere).find((written) => toVariantName(written) === variant) ?? variant;
  const named = (Object.hasOwn(elsewhere, name) ? elsewhere[name] : undefined) ?? [];
  const known = new Set(named.map(String));
  const fresh = [...new Set(units)].filter((unit) => !known.has(unit));
  return { ...flag, targets: { ...elsewhere, [name]: [...named, ...fresh] } };
}

/** A flag that no longer names these units for this variant. */
export function withoutTargets(flag: WrittenFlag, variant: string, units: readonly string[]): WrittenFlag {
  const { targets, ...rest } = flag;
  if (targets === undefined) return flag;
  const left = without(targets, units, (name) => name === variant);
  return Object.keys(left).length === 0 ? rest : { ...rest, targets: left };
}

/** Takes units away from the variants that are meant. A variant that names nobody any more goes. */
function without(targets: Targets, units: readonly string[], isMeant: (variant: string) => boolean): Targets {
  const leaving = new Set(units);
  const entries = Object.entries(targets).flatMap(([name, named]): [string, readonly (string | number)[]][] => {
    const left = named.filter((unit) => !leaving.has(String(unit)));
    if (!isMeant(toVariantName(name)) || left.length === named.length) return [[name, named]];
    return left.length === 0 ? [] : [[name, left]];
  });
  return Object.fromEntries(entries);
}
