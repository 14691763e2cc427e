import { createParamDecorator, type ExecutionContext, Inject, type PipeTransform, type Type } from '@nestjs/common';
import type { Current, Expired, FallbackOf, FlagKey } from '../../src/flags/known-flags.js';
import type { FlagValue } from '../../src/runtime/events.js';
import type { RequestFlags } from '../../src/request/request-flags.js';
import { flagsOf } from './flags-of.js';
import { HALYARD } from './tokens.js';

/** Injects the Halyard into a constructor: `constructor(@InjectHalyard() private readonly halyard: Halyard)`. */
export function InjectHalyard(): ParameterDecorator & PropertyDecorator {
  return Inject(HALYARD);
}

/** Gives a handler the flags of its request or message: `@Flags() flags: RequestFlags`. */
export function Flags(): ParameterDecorator {
  return createParamDecorator((_: unknown, execution: ExecutionContext) => flagsOf(execution))();
}

/**
 * Gives a handler a flag's value for its request or message: `@Flag('new-checkout', false) isOn: boolean`.
 * @param fallback the value if there is no such flag, it has another type, or an error came between
 * @param pipes what the value passes through, as after `@Query()`
 */
export function Flag<Key extends FlagKey>(
  flagKey: Current<Key>,
  fallback: FallbackOf<Key>,
  ...pipes: (Type<PipeTransform> | PipeTransform)[]
): ParameterDecorator;
/** @deprecated The flag should be gone: remove it from the code, then from the document. */
export function Flag<Key extends Expired<FlagKey>>(
  flagKey: Key,
  fallback: FallbackOf<Key>,
  ...pipes: (Type<PipeTransform> | PipeTransform)[]
): ParameterDecorator;
export function Flag(
  flagKey: string,
  fallback: FlagValue | object,
  ...pipes: (Type<PipeTransform> | PipeTransform)[]
): ParameterDecorator {
  const read = (_: unknown, execution: ExecutionContext) => valueOf(flagsOf(execution), flagKey, fallback);
  return createParamDecorator(read)(undefined, ...pipes);
}

function valueOf(flags: RequestFlags, flagKey: string, fallback: FlagValue | object): unknown {
  switch (typeof fallback) {
    case 'boolean':
      return flags.boolean(flagKey, fallback);
    case 'string':
      return flags.string(flagKey, fallback);
    case 'number':
      return flags.number(flagKey, fallback);
    default:
      return flags.details(flagKey, fallback).value;
  }
}
