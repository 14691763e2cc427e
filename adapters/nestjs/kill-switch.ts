import { type CanActivate, type Type, UseGuards, UseInterceptors } from '@nestjs/common';
import type { BooleanFlagKey, Current, Expired } from '../../src/flags/known-flags.js';
import { createKillSwitchGuard, type KillSwitchOptions as Options } from '../../src/request/kill-switch-guard.js';
import { type Fallback, fallbackInterceptor } from './fallback-interceptor.js';
import type { GateRule } from './gate.js';
import { gateGuard } from './gate-guard.js';

/** What `@KillSwitch` may be told. */
export type KillSwitchOptions = Options<Fallback>;

/**
 * Guards a handler, or all of a controller, gateway or resolver, with a kill switch: 503 while the flag is off or its
 * breaker open. In any doubt the request passes. It waits for no context. With `fallback` it stands behind the other
 * guards instead of among them.
 *
 * The application doesn't start with an option or key that is wrong, nor, with `strictKeys`, with one that the document lacks.
 */
export function KillSwitch<Key extends BooleanFlagKey>(
  flagKey: Current<Key>,
  options?: KillSwitchOptions,
): ClassDecorator & MethodDecorator;
/** @deprecated The flag should be gone: remove it from the code, then from the document. */
export function KillSwitch(
  flagKey: Expired<BooleanFlagKey>,
  options?: KillSwitchOptions,
): ClassDecorator & MethodDecorator;
export function KillSwitch(flagKey: string, options: KillSwitchOptions = {}): ClassDecorator & MethodDecorator {
  const { fallback } = options;
  if (fallback === undefined) return UseGuards(KillSwitchGuard(flagKey, options));
  return UseInterceptors(fallbackInterceptor(ruleOf(flagKey, options), fallback));
}

/** The guard of `@KillSwitch` as a class, for all routes: `{ provide: APP_GUARD, useClass: KillSwitchGuard('shop') }`. */
export function KillSwitchGuard<Key extends BooleanFlagKey>(
  flagKey: Current<Key>,
  options?: Omit<KillSwitchOptions, 'fallback'>,
): Type<CanActivate>;
/** @deprecated The flag should be gone: remove it from the code, then from the document. */
export function KillSwitchGuard(
  flagKey: Expired<BooleanFlagKey>,
  options?: Omit<KillSwitchOptions, 'fallback'>,
): Type<CanActivate>;
export function KillSwitchGuard(flagKey: string, options: Omit<KillSwitchOptions, 'fallback'> = {}): Type<CanActivate> {
  return gateGuard(ruleOf(flagKey, options));
}

function ruleOf(flagKey: string, options: KillSwitchOptions): GateRule {
  return {
    name: `KillSwitch('${flagKey}')`,
    createGuard: (halyard) => createKillSwitchGuard(halyard, flagKey, options),
    waitsForContext: false,
  };
}
