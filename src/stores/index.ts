/** What a store of one's own is made of. */
export { emptyFlagState, type FlagState, isSameState, type Kill } from '../flags/flag-state.js';
export {
  parseFlagState,
  type ParsedFlagState,
  serializeFlagState,
  type WrittenFlagState,
  type WrittenKill,
} from '../flags/flag-state-text.js';
export { ChangeFeed, type ChangeFeedOptions, type PushListener } from './change-feed.js';
export { type Lease, LeaseLostError, type LeaseRegister } from './lease-register.js';
export {
  type PlannedState,
  type PlannedUpdate,
  planReplacement,
  planStateChange,
  planUpdate,
} from './planned-change.js';
