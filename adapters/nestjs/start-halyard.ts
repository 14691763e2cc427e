import { OpenFeature } from '@openfeature/server-sdk';
import { createHalyard } from '../../src/create-halyard.js';
import type { Halyard } from '../../src/halyard.js';
import { RUNTIME } from '../../src/runtime/runtime.js';
import { checkModuleOptions, type HalyardModuleOptions } from './module-options.js';

/**
 * The Halyard of a module, with its flags loaded.
 * @throws TypeError for an option that is wrong; what `createHalyard` throws
 */
export async function startHalyard(options: HalyardModuleOptions): Promise<Halyard> {
  checkModuleOptions(options);
  const { halyard: given, setDefaultProvider } = options;
  const settled = await given;
  const halyard = isHalyard(settled) ? settled : await createHalyard(settled);
  if (setDefaultProvider === true) await OpenFeature.setProviderAndWait(halyard.provider);
  return halyard;
}

/** Also one that another copy of this package made. */
function isHalyard(given: object): given is Halyard {
  return RUNTIME in given;
}
