import {
  type CallHandler,
  type ExecutionContext,
  Inject,
  type NestInterceptor,
  Optional,
  type Type,
} from '@nestjs/common';
import { from, isObservable, type Observable } from 'rxjs';
import type { Halyard } from '../../src/halyard.js';
import type { FlagsBinding } from './flags-binding.js';
import { createGate, type Gate, type GateRule } from './gate.js';
import { namedMixin } from './named-mixin.js';
import { BINDING, HALYARD } from './tokens.js';

/** Answers in place of a handler: a value, or a promise or Observable of it. What it throws goes to the exception filters. */
export type Fallback = (execution: ExecutionContext) => unknown;

/** What a fallback answers comes out of an interceptor, because a guard can't answer: behind all guards of the route. */
export function fallbackInterceptor(rule: GateRule, fallback: Fallback): Type<NestInterceptor> {
  class HalyardFallback implements NestInterceptor {
    readonly #gate: Gate;

    constructor(@Inject(HALYARD) halyard: Halyard, @Optional() @Inject(BINDING) binding?: FlagsBinding) {
      this.#gate = createGate(rule, halyard, binding);
    }

    async intercept(execution: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
      if ((await this.#gate(execution)) === undefined) return next.handle();
      const answer = fallback(execution);
      return isObservable(answer) ? answer : from(Promise.resolve(answer));
    }
  }
  return namedMixin(rule.name, HalyardFallback);
}
