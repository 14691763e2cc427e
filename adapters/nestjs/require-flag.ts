import { type CanActivate, type Type, UseGuards, UseInterceptors } from '@nestjs/common';
import type { BooleanFlagKey, Current, Expired } from '../../src/flags/known-flags.js';
import { createRequireFlagGuard, type RequireFlagOptions as Options } from '../../src/request/require-flag-guard.js';
import { type Fallback, fallbackInterceptor } from './fallback-interceptor.js';
import type { GateRule } from './gate.js';
import { gateGuard } from './gate-guard.js';

/** What `@RequireFlag` may be told. */
export type RequireFlagOptions = Options<Fallback>;

/**
 * Lets a request pass to a handler, or to all of a controller, gateway or resolver, only if the flag is `true` for it: 404
 * otherwise, and in any doubt. It stands among the other guards in the order they are written, so put it after
 * authentication. With `fallback` it stands behind them all.
 *
 * The application doesn't start with an option or key that is wrong, nor, with `strictKeys`, with one that the document lacks.
 */
export function RequireFlag<Key extends BooleanFlagKey>(
  flagKey: Current<Key>,
  options?: RequireFlagOptions,
): ClassDecorator & MethodDecorator;
/** @deprecated The flag should be gone: remove it from the code, then from the document. */
export function RequireFlag(
  flagKey: Expired<BooleanFlagKey>,
  options?: RequireFlagOptions,
): ClassDecorator & MethodDecorator;
export function RequireFlag(flagKey: string, options: RequireFlagOptions = {}): ClassDecorator & MethodDecorator {
  const { fallback } = options;
  if (fallback === undefined) return UseGuards(RequireFlagGuard(flagKey, options));
  return UseInterceptors(fallbackInterceptor(ruleOf(flagKey, options), fallback));
}

/** The guard of `@RequireFlag` as a class, for all routes: `{ provide: APP_GUARD, useClass: RequireFlagGuard('beta') }`. */
export function RequireFlagGuard<Key extends BooleanFlagKey>(
  flagKey: Current<Key>,
  options?: Omit<RequireFlagOptions, 'fallback'>,
): Type<CanActivate>;
/** @deprecated The flag should be gone: remove it from the code, then from the document. */
export function RequireFlagGuard(
  flagKey: Expired<BooleanFlagKey>,
  options?: Omit<RequireFlagOptions, 'fallback'>,
): Type<CanActivate>;
export function RequireFlagGuard(
  flagKey: string,
  options: Omit<RequireFlagOptions, 'fallback'> = {},
): Type<CanActivate> {
  return gateGuard(ruleOf(flagKey, options));
}

function ruleOf(flagKey: string, options: RequireFlagOptions): GateRule {
  return {
    name: `RequireFlag('${flagKey}')`,
    createGuard: (halyard) => createRequireFlagGuard(halyard, flagKey, options),
    waitsForContext: true,
  };
}
