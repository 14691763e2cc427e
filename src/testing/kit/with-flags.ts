import type { Halyard } from '../../halyard.js';
import { show } from '../../options/check-options.js';
import { type Runtime, RUNTIME } from '../../runtime/runtime.js';
import type { FlagAnswers } from './flag-answers.js';
import { ScopedAnswers } from './scoped-answers.js';

/**
 * Calls a function in which flags answer this, whatever rules, kills and overrides say, and returns what it returns, a
 * promise or not. Whatever the function calls, awaits and starts reads these answers; whatever runs beside it doesn't, so
 * that tests may run at the same time. Calls inside of it add to it, and win.
 *
 * It works with every Halyard, also one of `createHalyard`, and through every door: direct reads, a request's flags,
 * guards, `protect`, OpenFeature's clients. A server reads them if it began to listen inside.
 *
 * @throws TypeError for a key that there isn't, and an answer that the flag can't give
 */
export function withFlags<Result>(halyard: Halyard, answers: FlagAnswers, action: () => Result): Result {
  const runtime = (halyard as { readonly [RUNTIME]?: Runtime } | null | undefined)?.[RUNTIME];
  if (runtime === undefined) throw new TypeError(`withFlags: expected a Halyard first, found ${show(halyard)}.`);
  return ScopedAnswers.of(runtime).run(answers, action);
}
