import type { LocalSwitches } from '../evaluation/flag-set.js';
import { toVariantName } from '../flags/names.js';
import type { Runtime } from './runtime.js';

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
  for (const [key, variant] of Object.entries(settings.overrides ?? {})) overrides.set(key, toVariantName(variant));
  for (const item of listOf(environment['HALYARD_FLAGS'])) {
    const equals = item.indexOf('=');
    const [key, variant] = [item.slice(0, equals).trim(), item.slice(equals + 1).trim()];
    if (equals < 1 || variant === '')
      throw new Error(`HALYARD_FLAGS: expected key=variant,key=variant, found "${item}".`);
    overrides.set(key, toVariantName(variant));
  }
  const kills = new Map(
    [...(settings.kills ?? []), ...listOf(environment['HALYARD_KILL'])].map((key) => [key, Infinity]),
  );
  return { overrides, kills };
}

/** An override of what no document has is probably a typing error, and would go unnoticed. */
export function warnIfWithoutEffect(runtime: Runtime, key: string, variant: string): void {
  runtime.unknownKeys.warnIfUndefined(key);
  const variants = runtime.evaluator.current.set.flags.get(key)?.definition?.variants;
  if (variants?.has(variant) !== false) return;
  const names = [...variants.keys()].join(', ');
  runtime.logger.warn({ flagKey: key }, `The override ${key}=${variant} has no effect: the variants are ${names}.`);
}

function listOf(text = ''): readonly string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
