import { countAnswer } from '../evaluation/answer.js';
import type { EvaluationContext } from '../evaluation/evaluation-context.js';
import { RequestProblem } from '../http/request-problem.js';
import type { FlagValue } from '../runtime/events.js';
import type { Runtime } from '../runtime/runtime.js';
import type { Snapshot } from '../runtime/snapshot.js';
import { digest } from './digest.js';
import { type EvaluatedFlag, toEvaluatedFlag } from './evaluated-flag.js';
import { createExposure, effectiveInstant, type ExposedFlags, isExposed } from './exposed-flags.js';

/** What clients can see at one moment. */
export interface ClientView {
  readonly keys: readonly string[];
  /** The same as long as no answer to anybody changes. */
  readonly tag: string;
  readonly snapshot: Snapshot;
}

/** The flags of a runtime as clients see them. */
export class ClientFlags {
  readonly #runtime: Runtime;
  readonly #exposedOf: (set: Snapshot['set']) => ExposedFlags;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
    this.#exposedOf = createExposure(runtime.evaluator.readers.base);
  }

  /** What clients can see now; nothing, while nothing is loaded. */
  look(): ClientView {
    const { set, version } = this.#runtime.evaluator.current;
    const exposed = this.#exposedOf(set);
    const { keys, fingerprint, timed } = exposed;
    const now = timed.length === 0 ? 0 : effectiveInstant(exposed, this.#runtime.clock.now());
    const tag = timed.length === 0 ? fingerprint : digest(`${fingerprint} ${now}`);
    return { keys, tag, snapshot: { set, version, now, request: undefined, answers: undefined } };
  }

  /** @throws RequestProblem (503) while nothing is loaded: a client should rather keep what it has */
  lookLoaded(): ClientView {
    const view = this.look();
    if (view.snapshot.set.parsed !== undefined) return view;
    throw new RequestProblem(503, 'No flags are loaded yet.', { 'Retry-After': '5' });
  }

  evaluateAll({ keys, snapshot }: ClientView, context: EvaluationContext): readonly EvaluatedFlag[] {
    return keys.map((key) => this.#evaluate(key, context, snapshot));
  }

  /** @returns `undefined` for a flag that isn't there or may not leave the server, which no answer tells apart */
  evaluate(key: string, context: EvaluationContext, { snapshot }: ClientView): EvaluatedFlag | undefined {
    if (isExposed(snapshot.set.flags.get(key))) return this.#evaluate(key, context, snapshot);
    // Counted, but not by its key: anybody may ask for anything.
    countAnswer(snapshot.set.notFound);
    return undefined;
  }

  #evaluate(key: string, context: EvaluationContext, snapshot: Snapshot): EvaluatedFlag {
    const { evaluator } = this.#runtime;
    return toEvaluatedFlag(evaluator.details<FlagValue | undefined>(key, undefined, context, snapshot));
  }
}
