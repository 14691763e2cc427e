export { createHalyard, type Halyard, type HalyardHealth } from './halyard.js';
export type { HalyardOptions } from './halyard-options.js';
export type { KillOptions, RestoreOptions } from './control/kill-switch.js';
export type { Assignment, ErrorCode, Reason } from './evaluation/answer.js';
export type { EvaluationContext } from './evaluation/evaluation-context.js';
export type { ExplainedBucket, Explanation, ExplanationStep } from './evaluation/explain.js';
export type { ExplainedCondition } from './evaluation/explain-condition.js';
export type { FlagDocument } from './flags/flag-document.js';
export { emptyFlagState, type FlagState, type Kill } from './flags/flag-state.js';
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
  DocumentUnreadableError,
  type FlagStore,
  type SourceText,
  type StoredFlags,
  type UpdateOptions,
  VersionConflictError,
  type WritableFlagStore,
} from './stores/flag-store.js';
export { FileAccessError } from './stores/file-access-error.js';
export { fileStore, type FileStoreOptions } from './stores/file-store.js';
export { memoryStore, type MemoryStore } from './stores/memory-store.js';
export type { DecisionLogOptions } from './telemetry/decision-log.js';
export type { MetricsRegistry } from './telemetry/metrics.js';
export {
  type EvaluationSource,
  type OtelAttributes,
  otelEvents,
  type OtelEvents,
  type OtelEventsOptions,
  type OtelLogger,
  type OtelSpan,
  type OtelTrace,
} from './telemetry/otel-events.js';
export { prometheusHook } from './telemetry/prometheus-hook.js';
export type { RequestMetricsOptions } from './telemetry/request-metrics-options.js';
