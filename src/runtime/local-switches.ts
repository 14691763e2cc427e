import type { LocalSwitches } from '../evaluation/flag-set.js';

/** What this instance's options and environment say about flags. */
export interface LocalSettings {
  /** Variants by flag key. */
  readonly overrides?: Readonly<Record<string, string | boolean>> | undefined;
  /** Keys of flags that are off here. */
  readonly kills?: readonly string[] | undefined;
}

/**
 * This instance's own switches. The environment adds to what the code says, and where both name a flag it wins:
 * `HALYARD_FLAGS=new-checkout=on,button-color=a` and `HALYARD_KILL=payments,signups`.
 * @throws Error on an override that isn't `key=variant`
 */
export function readLocalSwitches(settings: LocalSettings, environment: NodeJS.ProcessEnv): LocalSwitches {
  const overrides = new Map<string, string>();
  for (const [key, variant] of Object.entries(settings.overrides ?? {}))
    overrides.set(key, variantName(String(variant)));
  for (const item of listOf(environment['HALYARD_FLAGS'])) {
    const equals = item.indexOf('=');
    const [key, variant] = [item.slice(0, equals).trim(), item.slice(equals + 1).trim()];
    if (equals < 1 || variant === '')
      throw new Error(`HALYARD_FLAGS: expected key=variant,key=variant, found "${item}".`);
    overrides.set(key, variantName(variant));
  }
  const kills = new Map(
    [...(settings.kills ?? []), ...listOf(environment['HALYARD_KILL'])].map((key) => [key, Infinity]),
  );
  return { overrides, kills };
}

/** Booleans mean `on` and `off`, as in the document. */
export function variantName(written: string): string {
  if (written === 'true') return 'on';
  return written === 'false' ? 'off' : written;
}

function listOf(text = ''): readonly string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
