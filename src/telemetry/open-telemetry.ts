/** What an event tells, by attribute name. */
export type OtelAttributes = Readonly<Record<string, string | number | boolean>>;

/** What is asked of a logger of OpenTelemetry's. Halyard neither loads OpenTelemetry nor needs its types. */
export interface OtelLogger {
  emit(record: { readonly eventName: string; readonly attributes: OtelAttributes }): void;
}

/** What is asked of OpenTelemetry's `trace`. */
export interface OtelTrace {
  getActiveSpan(): OtelSpan | undefined;
}

export interface OtelSpan {
  isRecording(): boolean;
  addEvent(name: string, attributes: OtelAttributes): unknown;
}
