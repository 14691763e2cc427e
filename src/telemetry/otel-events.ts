import type { EvaluationDetails, FlagValue, Hook, HookContext } from '@openfeature/server-sdk';
import { AnswerTrace } from '../runtime/answer-trace.js';
import type { EvaluationEvent } from '../runtime/events.js';
import { harmless } from '../runtime/harmless.js';
import { EvaluationWatch } from './evaluation-watch.js';
import type { OtelAttributes } from './open-telemetry.js';
import { otelAttributes } from './otel-attributes.js';
import { checkOtelEventsOptions, type OtelEventsOptions } from './otel-events-options.js';
import { type Observation, observeEvent, observeHook } from './otel-observation.js';

/** The event's name, by OpenTelemetry's conventions for feature flags. */
const EVENT_NAME = 'feature_flag.evaluation';

/** A hook that tells OpenTelemetry of evaluations. */
export interface OtelEvents extends Hook {
  /**
   * Tells of a Halyard's direct evaluations too (`halyard.boolean`, `req.flags`), which run no hooks. Those of
   * OpenFeature's that this hook sees it leaves out, so that none is told twice.
   * @returns the function that ends it
   */
  listen(halyard: EvaluationSource): () => void;
}

/** A Halyard, as far as it tells of evaluations. */
export interface EvaluationSource {
  on(name: 'evaluation', listener: (event: EvaluationEvent) => void): () => void;
}

/**
 * A hook that tells OpenTelemetry of each evaluation, whatever the provider, as an event `feature_flag.evaluation` with
 * the attributes of OpenFeature's Appendix D: a log record, an event of the active span, or both. For the API, for a
 * client or for one call. An evaluation is told once, however often the hook was added.
 *
 * Texts are cut (keys and names at 128 characters, values and messages at 256), and neither values nor units are told
 * unless wanted. What OpenTelemetry throws harms no evaluation.
 *
 * @throws TypeError for an option that is unknown or wrong, or if there is neither `logger` nor `trace`
 */
export function otelEvents(options: OtelEventsOptions): OtelEvents {
  checkOtelEventsOptions(options);
  const watch = new EvaluationWatch();
  const told = new WeakSet<object>();
  const emitters = emittersOf(options);
  const tell = (observation: Observation): void => {
    const attributes = otelAttributes(observation, options);
    for (const emit of emitters) emit(attributes);
  };
  const tellDirect = harmless((event: EvaluationEvent) => {
    if (!watch.isOpen(event.context)) tell(observeEvent(event));
  });

  return {
    before: ({ context }) => ({ ...AnswerTrace.lay(context), ...watch.open(context) }),
    finally: harmless((hookContext: Readonly<HookContext>, details: EvaluationDetails<FlagValue>) => {
      watch.close(hookContext.context);
      if (told.has(details)) return;
      told.add(details);
      tell(observeHook(hookContext, details));
    }),
    listen: (halyard) => halyard.on('evaluation', tellDirect),
  };
}

/** Each on its own: where one fails, the other still works. */
function emittersOf({ logger, trace }: OtelEventsOptions): readonly ((attributes: OtelAttributes) => void)[] {
  const emitters = [];
  if (logger !== undefined) {
    emitters.push(harmless((attributes: OtelAttributes) => logger.emit({ eventName: EVENT_NAME, attributes })));
  }
  if (trace !== undefined) {
    emitters.push(
      harmless((attributes: OtelAttributes) => {
        const span = trace.getActiveSpan();
        if (span?.isRecording() === true) span.addEvent(EVENT_NAME, attributes);
      }),
    );
  }
  return emitters;
}
