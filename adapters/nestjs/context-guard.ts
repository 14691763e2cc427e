import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { FlagsBinding } from './flags-binding.js';
import { keepCookies } from './keep-cookies.js';

/** Lets everything pass. It is where a request's or message's ExecutionContext is seen first, before all other guards. */
export class ContextGuard implements CanActivate {
  readonly #binding: FlagsBinding;

  constructor(binding: FlagsBinding) {
    this.#binding = binding;
  }

  canActivate(execution: ExecutionContext): true {
    const { opened, response } = this.#binding.enter(execution);
    if (opened.setCookie !== undefined && response !== undefined) keepCookies(response, execution);
    return true;
  }
}
