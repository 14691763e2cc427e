import { ErrorCode, type OpenFeatureEventEmitter, ProviderEvents } from '@openfeature/server-sdk';
import { FlagDocumentError } from '../flags/problem.js';
import type { Runtime } from '../runtime/runtime.js';

/**
 * Tells what happens to a runtime in OpenFeature's events. Returns the function that ends it.
 * @param toldFailure the message of the failure that is known already: the same one, met again by a retry, is no news
 */
export function forwardEvents(
  runtime: Runtime,
  events: OpenFeatureEventEmitter,
  toldFailure: string | undefined,
): () => void {
  const { listeners } = runtime;
  let told = toldFailure;
  const stops = [
    listeners.on('change', ({ flagKeys }) => {
      events.emit(ProviderEvents.ConfigurationChanged, { flagsChanged: [...flagKeys] });
    }),
    listeners.on('stale', ({ reason }) => events.emit(ProviderEvents.Stale, { message: reason })),
    listeners.on('ready', () => events.emit(ProviderEvents.Ready, {})),
    listeners.on('error', ({ error }) => {
      // With flags to serve, a failing store makes them stale at worst.
      if (runtime.version !== undefined || error.message === told) return;
      told = error.message;
      events.emit(ProviderEvents.Error, { errorCode: errorCodeOf(error), message: error.message });
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function errorCodeOf(error: Error): ErrorCode {
  return error instanceof FlagDocumentError ? ErrorCode.PARSE_ERROR : ErrorCode.GENERAL;
}
