import {
  authorChecks,
  checkOptions,
  isFunction,
  isObject,
  isText,
  isWholeNumber,
  type OptionChecks,
} from '../options/check-options.js';
import type { UpdateOptions } from './flag-store.js';

const checks: OptionChecks<UpdateOptions> = {
  ...authorChecks,
  expectedVersion: { allowed: 'a version of the store', isRight: isText },
  lease: { allowed: "a lease of this store's `leases`", isRight: isObject },
  evidence: { allowed: 'a list of differences', isRight: Array.isArray },
  state: { allowed: 'a function that changes the state', isRight: isFunction },
};

/**
 * Checks how a store is to be changed, before it is. Without a name and a reason the change would have no readable entry
 * in the history; with a misspelt `expectedVersion` it would run over what others wrote.
 *
 * @param store its name, for the message
 * @throws TypeError that names the option, what came and what is allowed
 */
export function expectChangeOptions(store: string, options: UpdateOptions): void {
  checkOptions(store, options, checks);
}

/** Which part of the history is read. */
export interface HistoryOptions {
  /** How many changes, of the newest; a whole number, at least 1. Default: 100. */
  readonly limit?: number | undefined;
}

const historyChecks: OptionChecks<HistoryOptions> = {
  limit: { allowed: 'a whole number of changes, at least 1', isRight: isWholeNumber(1) },
};

/**
 * How many changes of the history are wanted.
 *
 * @param store its name, for the message
 * @throws TypeError for what can't be meant: Lua, SQL and lists would each make something else of it
 */
export function historyLimit(store: string, options: HistoryOptions): number {
  checkOptions(store, options, historyChecks);
  return options.limit ?? 100;
}
