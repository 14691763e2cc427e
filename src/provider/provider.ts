import {
  ErrorCode,
  type EvaluationContext as OpenFeatureContext,
  type JsonValue,
  OpenFeatureEventEmitter,
  type Provider,
  ProviderEvents,
  ProviderFatalError,
  ProviderNotReadyError,
  type ResolutionDetails,
  type TrackingEventDetails,
} from '@openfeature/server-sdk';
import type { ValueType } from '../flags/flag-definition.js';
import { traceAnswer } from '../runtime/answer-trace.js';
import type { EvaluationDetails } from '../runtime/events.js';
import type { Runtime } from '../runtime/runtime.js';
import { noteContext, type Snapshot } from '../runtime/snapshot.js';
import type { StoreFollower } from '../runtime/store-follower.js';
import { firstLoadEnds } from './first-load.js';
import { forwardEvents } from './provider-events.js';

/** How long `initialize` waits for a first load that still runs, in milliseconds. */
const LONGEST_WAIT_MS = 5_000;

/**
 * The OpenFeature provider (specification 0.9): a thin skin over the runtime, which it neither starts nor closes.
 * It sends events between `initialize` and `onClose`; it can be initialised again afterwards.
 */
export class HalyardProvider implements Provider {
  readonly metadata = { name: 'halyard' } as const;
  readonly runsOn = 'server';
  readonly events: OpenFeatureEventEmitter = new OpenFeatureEventEmitter();
  readonly #runtime: Runtime;
  readonly #follower: StoreFollower;
  /** Between `initialize` and `onClose`. */
  #isRegistered = false;
  #stopEvents: (() => void) | undefined;

  constructor(runtime: Runtime, follower: StoreFollower) {
    this.#runtime = runtime;
    this.#follower = follower;
  }

  /**
   * Resolves as soon as flags are loaded; waits for a first load that still runs.
   * @throws ProviderNotReadyError if nothing could be loaded; PROVIDER_READY follows when it can
   * @throws ProviderFatalError after the Halyard was closed
   */
  async initialize(): Promise<void> {
    this.#isRegistered = true;
    if (this.#follower.status === 'starting') await firstLoadEnds(this.#runtime, LONGEST_WAIT_MS);
    if (this.#follower.status === 'closed') {
      this.#isRegistered = false;
      throw new ProviderFatalError('This Halyard is closed. Register the provider of another one.');
    }
    this.#startEvents();
    if (this.#runtime.version === undefined) throw this.#notReady();
  }

  /** Ends the events. Flags go on being evaluated; what Halyard opened is closed by `halyard.close()` alone. */
  onClose(): Promise<void> {
    this.#isRegistered = false;
    this.#stopEvents?.();
    this.#stopEvents = undefined;
    return Promise.resolve();
  }

  resolveBooleanEvaluation(
    flagKey: string,
    fallback: boolean,
    context: OpenFeatureContext,
  ): Promise<ResolutionDetails<boolean>> {
    return this.#resolve('boolean', flagKey, fallback, context);
  }

  resolveStringEvaluation(
    flagKey: string,
    fallback: string,
    context: OpenFeatureContext,
  ): Promise<ResolutionDetails<string>> {
    return this.#resolve('string', flagKey, fallback, context);
  }

  resolveNumberEvaluation(
    flagKey: string,
    fallback: number,
    context: OpenFeatureContext,
  ): Promise<ResolutionDetails<number>> {
    return this.#resolve('number', flagKey, fallback, context);
  }

  resolveObjectEvaluation<Value extends JsonValue>(
    flagKey: string,
    fallback: Value,
    context: OpenFeatureContext,
  ): Promise<ResolutionDetails<Value>> {
    return this.#resolve('object', flagKey, fallback, context);
  }

  /** Tells listeners of the Halyard's `track`. Never throws. */
  track(name: string, context: OpenFeatureContext, details: TrackingEventDetails): void {
    this.#runtime.listeners.emit('track', { name, context, details });
  }

  #resolve<Value>(
    type: ValueType,
    flagKey: string,
    fallback: Value,
    context: OpenFeatureContext,
  ): Promise<ResolutionDetails<Value>> {
    const { evaluator, snapshotKey } = this.#runtime;
    const snapshot = pinnedSnapshot(context, snapshotKey);
    const details = evaluator.details(flagKey, fallback, context, snapshot, type);
    traceAnswer(context, evaluator, details);
    if (snapshot !== undefined) noteContext(snapshot, flagKey, context);
    return Promise.resolve(toResolution(details));
  }

  #startEvents(): void {
    // The SDK may have given the provider up while it waited.
    if (!this.#isRegistered) return;
    this.#stopEvents ??= forwardEvents(this.#runtime, this.events, this.#lastFailure());
    if (this.#follower.status !== 'stale') return;
    // The SDK holds whatever has initialised for ready, and tells so first.
    const telling = setImmediate(() => this.#tellStale()).unref();
    const stop = this.#runtime.listeners.on('stale', () => {
      // It has been told by itself.
      clearImmediate(telling);
      stop();
    });
  }

  #tellStale(): void {
    if (!this.#isRegistered || this.#follower.status !== 'stale') return;
    this.events.emit(ProviderEvents.Stale, { message: this.#lastFailure() ?? 'The flags may be out of date.' });
  }

  #notReady(): ProviderNotReadyError {
    const cause = this.#follower.lastError?.error;
    const why = cause?.message ?? 'the store has not answered yet.';
    return new ProviderNotReadyError(`No flags could be loaded: ${why}`, { cause });
  }

  #lastFailure(): string | undefined {
    return this.#follower.lastError?.error.message;
  }
}

/** The flags that the request started with, if the evaluation belongs to one: they came through the transaction context. */
function pinnedSnapshot(context: OpenFeatureContext | undefined, key: symbol): Snapshot | undefined {
  try {
    return (context as { readonly [key: symbol]: Snapshot | undefined } | undefined)?.[key];
  } catch {
    // A context that can't be read: the evaluation meets the same, and answers with the error.
    return undefined;
  }
}

/** What OpenFeature knows. Rule, kind, owner and document version stay here: nobody says where details travel. */
function toResolution<Value>(details: EvaluationDetails<Value>): ResolutionDetails<Value> {
  const { value, variant, reason, flagMetadata, errorCode, errorMessage } = details;
  if (errorCode !== undefined) {
    return { value, reason, flagMetadata, errorCode: ErrorCode[errorCode], errorMessage: errorMessage ?? '' };
  }
  return variant === undefined ? { value, reason, flagMetadata } : { value, variant, reason, flagMetadata };
}
