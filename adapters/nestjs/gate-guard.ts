import { type CanActivate, type ExecutionContext, Inject, Optional, type Type } from '@nestjs/common';
import type { Halyard } from '../../src/halyard.js';
import type { ProblemResponse } from '../../src/request/problem-response.js';
import { block } from './block.js';
import type { FlagsBinding } from './flags-binding.js';
import { createGate, type Gate, type GateRule } from './gate.js';
import { namedMixin } from './named-mixin.js';
import { BINDING, HALYARD } from './tokens.js';

/** A class of its own for each use, so that Nest runs all that stand on one route. */
export function gateGuard(rule: GateRule): Type<CanActivate> {
  class HalyardGuard implements CanActivate {
    readonly #gate: Gate;
    readonly #binding: FlagsBinding | undefined;

    constructor(@Inject(HALYARD) halyard: Halyard, @Optional() @Inject(BINDING) binding?: FlagsBinding) {
      this.#gate = createGate(rule, halyard, binding);
      this.#binding = binding;
    }

    canActivate(execution: ExecutionContext): true | Promise<true> {
      const answer = this.#gate(execution);
      // Most pass, and most at once.
      return answer === undefined ? true : this.#act(execution, answer);
    }

    async #act(
      execution: ExecutionContext,
      answer: ProblemResponse | Promise<ProblemResponse | undefined>,
    ): Promise<true> {
      const settled = await answer;
      if (settled === undefined) return true;
      const source = this.#binding?.enter(execution);
      if (source?.response === undefined) source?.opened.end('blocked');
      return block(execution, settled);
    }
  }
  return namedMixin(rule.name, HalyardGuard);
}
