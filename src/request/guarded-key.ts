import type { Runtime } from '../runtime/runtime.js';
import { show } from '../options/check-options.js';

/**
 * Says that code guards a route with this flag: if the document lacks it, that is told once with the nearest names, as
 * soon as a document is loaded.
 * @throws TypeError for a key that is no text; Error if the document lacks it and keys are strict
 */
export function expectKey(where: string, runtime: Runtime, flagKey: string): void {
  const given: unknown = flagKey;
  if (typeof given !== 'string' || given === '')
    throw new TypeError(`${where}: expected a flag key, found ${show(given)}.`);
  if (runtime.version !== undefined) {
    runtime.unknownKeys.expect(flagKey);
    return;
  }
  const stop = runtime.listeners.on('ready', () => {
    stop();
    runtime.unknownKeys.expect(flagKey);
  });
}
