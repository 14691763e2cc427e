import type { ExecutionContext } from '@nestjs/common';
import type { Halyard } from '../../src/halyard.js';
import type { Guard } from '../../src/request/guard.js';
import type { ProblemResponse } from '../../src/request/problem-response.js';
import { carrierOf, isHttp, nodeResponse } from './carrier.js';
import type { FlagsBinding } from './flags-binding.js';

/** What stands before a route, described once, where its decorator is written. */
export interface GateRule {
  /** How it is written, for Nest's messages. */
  readonly name: string;
  /** Makes its guard, when an application starts. @throws TypeError for an option or key that is wrong */
  readonly createGuard: (halyard: Halyard) => Guard;
  /** Whether it needs to know who asks. What doesn't can answer before anything is known. */
  readonly waitsForContext: boolean;
}

/** Decides about one request or message. @returns the answer to give in place of the route's; `undefined`: it may pass */
export type Gate = (execution: ExecutionContext) => ProblemResponse | undefined | Promise<ProblemResponse | undefined>;

/** @param binding gives what comes its flags; without it, what has none is asked about with an empty context */
export function createGate(rule: GateRule, halyard: Halyard, binding: FlagsBinding | undefined): Gate {
  const guard = rule.createGuard(halyard);
  return (execution) => {
    const source = binding?.enter(execution);
    const carrier = source?.carrier ?? carrierOf(execution) ?? {};
    const ask = (): ProblemResponse | undefined =>
      // One request can bring many operations of GraphQL's; each has arguments of its own.
      isHttp(execution) ? guard(carrier, nodeResponse(execution)) : guard(carrier, undefined, execution.getArgs());
    const settled = rule.waitsForContext ? source?.opened.settle() : undefined;
    return settled === undefined ? ask() : settled.then(ask);
  };
}
