import type { Type } from '@nestjs/common';
import { APP_FILTER, MetadataScanner, type ModulesContainer, Reflector } from '@nestjs/core';
import { BlockedException } from './blocked-exception.js';

/** What Nest's packages write on classes and methods. They don't export the names, which are the same since Nest 8. */
const IS_GATEWAY = 'websockets:is_gateway';
const RESOLVER_TYPE = 'graphql:resolver_type';
const MESSAGE_PATTERN = 'microservices:pattern';
const CAUGHT_BY_FILTER = '__filterCatchExceptions__';

/** Whether an application has handlers of anything but HTTP: gateways, GraphQL's resolvers, handlers of messages. */
export function hasOtherThanHttp(modules: ModulesContainer): boolean {
  const reflector = new Reflector();
  const scanner = new MetadataScanner();
  const isOther = (metatype: Type) =>
    reflector.get<unknown>(IS_GATEWAY, metatype) !== undefined ||
    reflector.get<unknown>(RESOLVER_TYPE, metatype) !== undefined ||
    methodsOf(scanner, metatype).some((method) => reflector.get<unknown>(MESSAGE_PATTERN, method) !== undefined);
  return [...modules.values()]
    .flatMap(({ providers, controllers }) => [...providers.values(), ...controllers.values()])
    .some(({ metatype }) => typeof metatype === 'function' && isOther(metatype as Type));
}

/**
 * Whether an application has a filter under `APP_FILTER` that takes what our guards throw. Nest asks the filters of the
 * modules that it finds last first, so that ours would take it away.
 * @param own the module that isn't asked: it is ours
 */
export function hasFilterForBlocked(modules: ModulesContainer, own: Type): boolean {
  const reflector = new Reflector();
  return [...modules.values()]
    .filter(({ metatype }) => metatype !== own)
    .flatMap(({ providers, injectables }) => [...providers.values(), ...injectables.values()])
    .filter(({ token }) => typeof token === 'string' && token.startsWith(APP_FILTER))
    .some(({ metatype, instance }) => {
      const filter: unknown = metatype ?? (instance as object | null)?.constructor;
      // What a factory makes isn't known yet. It may be for this.
      const caught = typeof filter === 'function' ? reflector.get<CaughtTypes>(CAUGHT_BY_FILTER, filter) : undefined;
      return caught === undefined || caught.length === 0 || caught.some(isBlockedException);
    });
}

type CaughtTypes = readonly Type[] | undefined;

function isBlockedException(type: Type): boolean {
  return (
    type === BlockedException ||
    type.prototype instanceof BlockedException ||
    BlockedException.prototype instanceof type
  );
}

function methodsOf(scanner: MetadataScanner, { prototype }: Type<unknown>): (() => unknown)[] {
  const members = (prototype ?? {}) as Record<string, () => unknown>;
  return scanner.getAllMethodNames(members).flatMap((name) => members[name] ?? []);
}
