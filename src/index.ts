export { createHalyard } from './create-halyard.js';
export type { Halyard, HalyardHealth } from './halyard.js';
export type { HalyardOptions } from './halyard-options.js';
export type { BreakerStatus } from './control/breaker.js';
export type { BreakerHealth } from './control/breakers.js';
export type { KillOptions, RestoreOptions } from './control/kill-switch.js';
export { KillSwitchOffError } from './control/kill-switch-off-error.js';
export type { ProtectOptions } from './control/protect.js';
export type { RolloutControllerOptions } from './control/rollout/controller-options.js';
export type { HealthQuestion, HealthSource } from './control/rollout/health/health-source.js';
export type { Judgement } from './control/rollout/judge/judge.js';
export {
  type ControlledHalyard,
  createRolloutController,
  type RolloutController,
} from './control/rollout/rollout-controller.js';
export type {
  JumpOptions,
  RestartOptions,
  RolloutChange,
  RolloutControls,
} from './control/rollout/rollout-controls.js';
export type { RolloutDecision } from './control/rollout/rollout-decision.js';
export type { NotifyRollout, RolloutNotice } from './control/rollout/telling/rollout-notice.js';
export { RolloutMovedError, type RolloutStatus } from './control/rollout/rollouts.js';
export type {
  ArmObservations,
  ObservedArms,
  QueryResult,
  RolloutObservations,
} from './control/rollout/judge/observations.js';
export { type MeasuredHalyard, processHealth } from './control/rollout/health/process-health.js';
export { prometheusHealth, type PrometheusHealthOptions } from './control/rollout/health/prometheus-health.js';
export {
  simulateRollout,
  type SimulatedRollout,
  type SimulationOptions,
} from './control/rollout/simulation/simulate-rollout.js';
export type { SimulatedHealth, SimulatedService } from './control/rollout/simulation/simulated-service.js';
export { rolloutWebhook, type RolloutWebhookOptions } from './control/rollout/telling/webhook.js';
export { type VerifyOptions, verifyWebhook } from './control/rollout/telling/verify-webhook.js';
export { describeVerdict, type Verdict } from './control/rollout/judge/verdict.js';
export type { Assignment, ErrorCode, Reason } from './evaluation/answer.js';
export type { EvaluationContext } from './evaluation/evaluation-context.js';
export type { ExplainedBucket, Explanation, ExplanationStep } from './evaluation/explain.js';
export type { ExplainedCondition } from './evaluation/explain-condition.js';
export type { FleetMember } from './fleet/fleet.js';
export { FleetNotReachedError } from './fleet/fleet-not-reached-error.js';
export type { FleetOptions, FleetWaitOptions } from './fleet/fleet-options.js';
export type { FlagLifecycle, LifecycleStage, SettledOn } from './lifecycle/flag-lifecycle.js';
export type { LifecycleOptions, Lifetimes } from './lifecycle/lifecycle-options.js';
export { emptyFlagState, type FlagState, type Kill } from './flags/flag-state.js';
export type { MeasuredCalls, Trip, TripEvidence } from './flags/trip.js';
export type { FlagDocument, WrittenRollout } from './flags/flag-document.js';
export type {
  BooleanFlagKey,
  FlagKey,
  FlagValueOf,
  NumberFlagKey,
  ObjectFlagKey,
  StringFlagKey,
  VariantOf,
} from './flags/known-flags.js';
export type { RolloutProgress } from './flags/rollout-progress.js';
export type { QueryCheck, RolloutChecks } from './flags/flag-definition.js';
export { FlagDocumentError, formatProblem, type Problem } from './flags/problem.js';
export type {
  ChangeEvent,
  EvaluationDetails,
  EvaluationEvent,
  FlagValue,
  HalyardEvents,
  RequestEvent,
  RequestInfo,
  RequestOutcome,
  RolloutEvent,
  ServedAnswer,
  TrackEvent,
} from './runtime/events.js';
export type { Clock } from './runtime/evaluator.js';
export type { Logger } from './runtime/logger.js';
export type { FollowerStatus } from './runtime/store-follower.js';
export type { HalyardProvider } from './provider/provider.js';
export {
  type Change,
  type ChangeOptions,
  compareVersions,
  type Difference,
  DocumentMissingError,
  DocumentUnreadableError,
  type FlagStore,
  type SourceText,
  type StoredFlags,
  type StoredFrom,
  type UpdateOptions,
  VersionConflictError,
  type WritableFlagStore,
} from './stores/flag-store.js';
export type { FleetInstance, FleetRegister, FlagTimes, InstanceReport } from './stores/fleet-register.js';
export { type Lease, LeaseLostError, type LeaseRegister } from './stores/lease-register.js';
export type { Bootstrap } from './stores/bootstrap.js';
export { fallbackStore, type FallbackStoreOptions } from './stores/fallback-store.js';
export { FileAccessError } from './stores/file-access-error.js';
export { fileStore, type FileStoreOptions } from './stores/file-store.js';
export {
  type HttpStore,
  HttpStoreError,
  httpStore,
  type HttpStoreOptions,
  type HttpStoreTls,
} from './stores/http/http-store.js';
export { type HeldFlags, memoryStore, type MemoryStore } from './stores/memory-store.js';
export { differenceOf } from './stores/stored-document.js';
export { type PulledDocument, pullDocument, type PullOptions } from './moving/pull-document.js';
export { pushDocument, type PushOptions, type PushResult, type PushSource } from './moving/push-document.js';
export type { DecisionLogOptions } from './telemetry/decision-log-options.js';
export type { MetricsRegistry } from './telemetry/metrics-registry.js';
export type { OtelAttributes, OtelLogger, OtelSpan, OtelTrace } from './telemetry/open-telemetry.js';
export { type EvaluationSource, otelEvents, type OtelEvents } from './telemetry/otel-events.js';
export type { OtelEventsOptions } from './telemetry/otel-events-options.js';
export { prometheusHook } from './telemetry/prometheus-hook.js';
export type { RequestMetricsOptions } from './telemetry/request-metrics-options.js';
