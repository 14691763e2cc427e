import { describe } from 'vitest';
import type { AdapterHarness } from './adapter-harness.js';
import { anonymousBehaviour } from './adapter/anonymous.js';
import { createBench } from './adapter/bench.js';
import { breakerBehaviour } from './adapter/breaker.js';
import { contextBehaviour } from './adapter/context.js';
import { countersBehaviour } from './adapter/counters.js';
import { forcedBehaviour } from './adapter/forced.js';
import { identifyBehaviour } from './adapter/identify.js';
import { killSwitchBehaviour } from './adapter/kill-switch.js';
import { lifecycleBehaviour } from './adapter/lifecycle.js';
import { oneFlagSetBehaviour } from './adapter/one-flag-set.js';
import { optionsBehaviour } from './adapter/options.js';
import { requestOutcomeBehaviour } from './adapter/request-outcome.js';
import { requireFlagBehaviour } from './adapter/require-flag.js';
import { transactionBehaviour } from './adapter/transaction.js';
import { withoutTransactionBehaviour } from './adapter/without-transaction.js';

/**
 * What every adapter has to hold to, over HTTP.
 *
 * @param harness turns the contract's steps into an application of the framework.
 */
export function adapterContract(name: string, harness: AdapterHarness): void {
  describe(`${name} as an adapter`, () => {
    const bench = createBench(harness);
    contextBehaviour(bench);
    identifyBehaviour(bench);
    oneFlagSetBehaviour(bench);
    transactionBehaviour(bench);
    withoutTransactionBehaviour(bench);
    killSwitchBehaviour(bench);
    breakerBehaviour(bench);
    requireFlagBehaviour(bench);
    anonymousBehaviour(bench);
    forcedBehaviour(bench);
    lifecycleBehaviour(bench);
    requestOutcomeBehaviour(bench);
    countersBehaviour(bench);
    optionsBehaviour(bench);
  });
}
