import type { Type } from '@nestjs/common';
import { MetadataScanner, type ModulesContainer, Reflector } from '@nestjs/core';

/** What Nest's packages write on classes and methods. They don't export the names, which are the same since Nest 8. */
const IS_GATEWAY = 'websockets:is_gateway';
const RESOLVER_TYPE = 'graphql:resolver_type';
const MESSAGE_PATTERN = 'microservices:pattern';

/** A class that is `@Resolver()` and no more has no mark itself: its queries have. */
const MARKS = [MESSAGE_PATTERN, RESOLVER_TYPE];

/** Whether an application has handlers of anything but HTTP: gateways, GraphQL's resolvers, handlers of messages. */
export function hasOtherThanHttp(modules: ModulesContainer): boolean {
  const reflector = new Reflector();
  const scanner = new MetadataScanner();
  const isOther = (metatype: Type) =>
    reflector.get<unknown>(IS_GATEWAY, metatype) !== undefined ||
    reflector.get<unknown>(RESOLVER_TYPE, metatype) !== undefined ||
    methodsOf(scanner, metatype).some((method) =>
      MARKS.some((mark) => reflector.get<unknown>(mark, method) !== undefined),
    );
  return [...modules.values()]
    .flatMap(({ providers, controllers }) => [...providers.values(), ...controllers.values()])
    .some(({ metatype }) => typeof metatype === 'function' && isOther(metatype as Type));
}

function methodsOf(scanner: MetadataScanner, { prototype }: Type<unknown>): (() => unknown)[] {
  const members = (prototype ?? {}) as Record<string, () => unknown>;
  return scanner.getAllMethodNames(members).flatMap((name) => members[name] ?? []);
}
