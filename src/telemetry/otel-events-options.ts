import { checkOptions, hasMethods, isBoolean, isObject, type OptionChecks } from '../options/check-options.js';
import type { OtelLogger, OtelTrace } from './open-telemetry.js';
import { isLongKey, SHORTEST_KEY_BYTES } from './pseudonym.js';

export interface OtelEventsOptions {
  /**
   * Where each evaluation becomes a log record with an event's name: what `logs.getLogger('shop')` of
   * `@opentelemetry/api-logs` returns. The conventions prefer it. Default: none.
   */
  readonly logger?: OtelLogger | undefined;
  /**
   * `trace` of `@opentelemetry/api`: each evaluation becomes an event of the active span, if one records. Default: none.
   */
  readonly trace?: OtelTrace | undefined;
  /** Whether events tell the value: as it is, or up to 256 characters of text or JSON. Default: false. */
  readonly value?: boolean | undefined;
  /**
   * Whether events tell who the evaluation was for: the targeting key as it is (`plain`), or a pseudonym of it under a
   * secret of at least 16 bytes, the same as a decision log's with that key. Default: not at all.
   */
  readonly contextId?: 'plain' | { readonly key: string | Uint8Array } | undefined;
}

const checks: OptionChecks<OtelEventsOptions> = {
  logger: { allowed: 'a logger of OpenTelemetry, with emit', isRight: hasMethods('emit') },
  trace: { allowed: "OpenTelemetry's trace, with getActiveSpan", isRight: hasMethods('getActiveSpan') },
  value: { allowed: 'true or false', isRight: isBoolean },
  contextId: {
    allowed: `'plain', or { key } with a text or bytes, at least ${SHORTEST_KEY_BYTES} bytes long`,
    isRight: (value) => value === 'plain' || hasLongKey(value),
    isSecret: true,
  },
};

/** @throws TypeError that names the option, what came and what is allowed; never what a key is */
export function checkOtelEventsOptions(options: OtelEventsOptions): void {
  checkOptions('otelEvents', options, checks);
  if (options.logger === undefined && options.trace === undefined) {
    throw new TypeError('otelEvents: expected `logger` or `trace`, found neither: the events would go nowhere.');
  }
}

function hasLongKey(value: unknown): boolean {
  return isObject(value) && isLongKey((value as { readonly key?: unknown }).key);
}
