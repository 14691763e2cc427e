import { asUnit } from '../evaluation/bucketing.js';
import type { OtelAttributes } from './open-telemetry.js';
import type { OtelEventsOptions } from './otel-events-options.js';
import type { Observation } from './otel-observation.js';
import { pseudonym } from './pseudonym.js';
import { shortJson, shortText } from './short-text.js';

/** The longest key, name or identifier in an event, in UTF-16 units. */
const LONGEST_NAME = 128;

/** The longest value or message in an event, in UTF-16 units. */
const LONGEST_TEXT = 256;

/**
 * The attributes of an evaluation's event: OpenFeature's Appendix D and OpenTelemetry's conventions for feature flags.
 * Reasons and error codes are in lower case, texts are cut. An object whose JSON is too long is left out.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/feature-flags/feature-flags-events/
 */
export function otelAttributes(
  observation: Observation,
  { value: tellsValue = false, contextId }: OtelEventsOptions,
): OtelAttributes {
  const { flagKey, providerName, value, variant, reason = 'UNKNOWN', errorMessage, metadata, version } = observation;
  const { errorCode = reason === 'ERROR' ? 'GENERAL' : undefined } = observation;
  const isMessageWanted = errorCode !== undefined && errorMessage !== undefined && errorMessage !== '';
  return withoutGaps({
    'feature_flag.key': shortName(flagKey),
    'feature_flag.provider.name': shortName(providerName),
    'feature_flag.result.variant': shortName(variant),
    'feature_flag.result.value': tellsValue ? shortValue(value) : undefined,
    'feature_flag.result.reason': shortName(reason.toLowerCase()),
    'feature_flag.context.id': contextId && shortName(contextIdOf(observation, contextId)),
    'feature_flag.set.id': shortName(metadata['flagSetId']),
    'feature_flag.version': shortName(metadata['version'] ?? version),
    'error.type': shortName(errorCode?.toLowerCase()),
    'error.message': isMessageWanted ? shortText(errorMessage, LONGEST_TEXT) : undefined,
  });
}

/** Who the evaluation was for. A context can throw when it is read: a getter, a proxy. */
function contextIdOf(
  { context, metadata }: Observation,
  form: NonNullable<OtelEventsOptions['contextId']>,
): string | undefined {
  try {
    const unit = asUnit(metadata['contextId'] ?? context['targetingKey']);
    return unit === undefined || form === 'plain' ? unit : pseudonym(form.key, unit);
  } catch {
    return undefined;
  }
}

/** The conventions want a text, also where a provider's metadata hold a number. */
function shortName(value: string | number | boolean | undefined): string | undefined {
  return value === undefined ? undefined : shortText(String(value), LONGEST_NAME);
}

function shortValue(value: unknown): OtelAttributes[string] | undefined {
  switch (typeof value) {
    case 'boolean':
    case 'number':
      return value;
    case 'string':
      return shortText(value, LONGEST_TEXT);
    case 'object':
      return value === null ? undefined : shortJson(value, LONGEST_TEXT);
    default:
      return undefined;
  }
}

function withoutGaps(attributes: Readonly<Record<string, OtelAttributes[string] | undefined>>): OtelAttributes {
  const known: Record<string, OtelAttributes[string]> = {};
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) known[name] = value;
  return known;
}
