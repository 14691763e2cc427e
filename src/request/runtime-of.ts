import type { Halyard } from '../halyard.js';
import { show } from '../options/check-options.js';
import { RUNTIME, type Runtime } from '../runtime/runtime.js';

/**
 * The runtime of a Halyard, also of one that another copy of this package made.
 * @param where the function that was called, for the message
 * @throws TypeError if it is no Halyard
 */
export function runtimeOf(where: string, halyard: Halyard): Runtime {
  const runtime = (halyard as Partial<Halyard> | null | undefined)?.[RUNTIME];
  if (runtime !== undefined) return runtime;
  const found = (halyard as unknown) instanceof Promise ? 'a promise. Await it first' : show(halyard);
  throw new TypeError(`${where}: expected the Halyard that createHalyard() resolves with, found ${found}.`);
}
