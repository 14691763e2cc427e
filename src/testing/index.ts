export {
  eachFlagState,
  type EachFlagStateOptions,
  type FlagStateCase,
  type FlagStates,
} from './kit/each-flag-state.js';
export type { EvaluatedFlag } from './kit/evaluated-flags.js';
export { expectEvaluated } from './kit/expect-evaluated.js';
export type { FlagAnswers } from './kit/flag-answers.js';
export { type ForceFlags, forceFlags, type ForceFlagsOptions } from './kit/force-flags.js';
export type { FlagSource } from './kit/read-flags.js';
export type { Duration, Instant, TestClock } from './kit/test-clock.js';
export { type TestFlags, testFlags, type TestFlagsOptions } from './kit/test-flags.js';
export { withFlags } from './kit/with-flags.js';
export type { TestedFlag } from './report/tested-flags.js';
export { type UntestedSides, untestedSides, type UntestedSidesOptions } from './report/untested-sides.js';
export { type StoreCase, storeContract } from './store-contract.js';
export type { StoreAbility, StoreHarness } from './store-harness.js';
