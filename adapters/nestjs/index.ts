/* eslint-disable @typescript-eslint/no-deprecated -- of these functions one signature is, not the function */
export { HalyardModule } from './halyard-module.js';
export type { HalyardModuleOptions, HalyardModuleOptionsFactory } from './module-options.js';
export { KillSwitch, KillSwitchGuard, type KillSwitchOptions } from './kill-switch.js';
export { RequireFlag, RequireFlagGuard, type RequireFlagOptions } from './require-flag.js';
export type { Fallback } from './fallback-interceptor.js';
export { Flag, Flags, InjectHalyard } from './flag-parameters.js';
export { flagsOf } from './flags-of.js';
export { HalyardInterceptor } from './halyard-interceptor.js';
export { BlockedException, type Problem } from './blocked-exception.js';
export { serve } from './serve.js';
export { HALYARD } from './tokens.js';
export type { RequestFlags } from '../../src/request/request-flags.js';
export type { AnonymousIdOptions } from '../../src/request/anonymous-id-options.js';
export type { ForcedFlagsOptions } from '../../src/request/forced-flags-options.js';
