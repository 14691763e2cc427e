import { type CanActivate, type Type, UseGuards, UseInterceptors } from '@nestjs/common';
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
export function RequireFlag(flagKey: string, options: RequireFlagOptions = {}): ClassDecorator & MethodDecorator {
  const { fallback } = options;
  if (fallback === undefined) return UseGuards(RequireFlagGuard(flagKey, options));
  return UseInterceptors(fallbackInterceptor('RequireFlag', ruleOf(flagKey, options), fallback));
}

/** The guard of `@RequireFlag` as a class, for all routes: `{ provide: APP_GUARD, useClass: RequireFlagGuard('beta') }`. */
export function RequireFlagGuard(
  flagKey: string,
  options: Omit<RequireFlagOptions, 'fallback'> = {},
): Type<CanActivate> {
  return gateGuard('RequireFlag', ruleOf(flagKey, options));
}

function ruleOf(flagKey: string, options: RequireFlagOptions): GateRule {
  return { createGuard: (runtime) => createRequireFlagGuard(runtime, flagKey, options), waitsForContext: true };
}
