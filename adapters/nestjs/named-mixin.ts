import { mixin, type Type } from '@nestjs/common';

/** Nest's `mixin`, whose classes have random names, with a name before it: Nest tells it where `HalyardModule` is missing. */
export function namedMixin<Instance>(name: string, mixedIn: Type<Instance>): Type<Instance> {
  mixin(mixedIn);
  return Object.defineProperty(mixedIn, 'name', { value: `${name} ${mixedIn.name}` });
}
