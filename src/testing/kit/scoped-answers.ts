import { AsyncLocalStorage } from 'node:async_hooks';
import { FlagTallies } from '../../evaluation/answer.js';
import { compileFlag } from '../../evaluation/compile-flag.js';
import type { CompiledFlag } from '../../evaluation/compiled-flag.js';
import type { FlagSet } from '../../evaluation/flag-set.js';
import { createSituation } from '../../evaluation/flag-situation.js';
import type { FlagDocument } from '../../flags/flag-document.js';
import type { Runtime } from '../../runtime/runtime.js';
import type { Snapshot } from '../../runtime/snapshot.js';
import { parseValidDocument } from '../../stores/valid-document.js';
import { type FlagAnswers, flagsAnswering } from './flag-answers.js';
import { logAnswers, REPORT_FOLDER } from '../report/answer-log.js';
import { interceptReads } from './intercept-reads.js';

/** Under this key an evaluator carries its scoped answers, also for another copy of this package. */
const SCOPED: unique symbol = Symbol.for('halyard.testing.scoped-answers');

/** What holds inside one call of `withFlags`. */
interface Scope {
  readonly answers: FlagAnswers;
  readonly flags: ReadonlyMap<string, CompiledFlag>;
  /** Each set that was read in here, and what is read in its place. */
  readonly sets: WeakMap<FlagSet, FlagSet>;
}

/** Answers that hold for what runs inside a function alone, and for what that starts. */
export class ScopedAnswers {
  readonly #runtime: Runtime;
  readonly #scopes = new AsyncLocalStorage<Scope>();

  /** Those of a runtime. The first call puts them between it and its readers. */
  static of(runtime: Runtime): ScopedAnswers {
    const evaluator = runtime.evaluator as { [SCOPED]?: ScopedAnswers };
    const known = evaluator[SCOPED];
    if (known !== undefined) return known;
    const made = new ScopedAnswers(runtime);
    interceptReads(runtime.evaluator, (snapshot) => made.in(snapshot));
    evaluator[SCOPED] = made;
    // Every Halyard of a test comes by here, those of `createHalyard` with their first `withFlags`.
    const folder = process.env[REPORT_FOLDER];
    if (folder !== undefined) logAnswers(runtime, folder);
    return made;
  }

  private constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /**
   * Calls a function, in which flags answer this. What an outer call said holds, too, where this one says nothing.
   * @throws TypeError for a key that there isn't, and an answer that the flag can't give
   */
  run<Result>(answers: FlagAnswers, action: () => Result): Result {
    const { served } = this.#runtime;
    if (served === undefined) throw new Error('withFlags: no flags are loaded yet.');
    const together = { ...this.#scopes.getStore()?.answers, ...answers };
    // What serves was parsed.
    const flags = this.#compile(served.document as FlagDocument, together);
    return this.#scopes.run({ answers: together, flags, sets: new WeakMap() }, action);
  }

  /** The flags that are read here. */
  in(snapshot: Snapshot): Snapshot {
    const scope = this.#scopes.getStore();
    return scope === undefined ? snapshot : { ...snapshot, set: overlaid(snapshot.set, scope) };
  }

  /** Flags that are the same for everyone: they need no segment and no other flag. */
  #compile(document: FlagDocument, answers: FlagAnswers): ReadonlyMap<string, CompiledFlag> {
    const { readers, tallies } = this.#runtime.evaluator;
    const scope = { readers, segments: new Map() };
    const situation = createSituation({ killedUntil: undefined, override: undefined, percentage: undefined });
    const { flags } = parseValidDocument({ version: 1, flags: flagsAnswering(document, answers) });
    const compile = (key: string, definition: Parameters<typeof compileFlag>[0]): [string, CompiledFlag] => [
      key,
      compileFlag(definition, situation, scope, tallies.get(key) ?? new FlagTallies()),
    ];
    return new Map(Array.from(flags, ([key, definition]) => compile(key, definition)));
  }
}

function overlaid(set: FlagSet, { flags, sets }: Scope): FlagSet {
  const known = sets.get(set);
  if (known !== undefined) return known;
  const made = { ...set, flags: new Map([...set.flags, ...flags]) };
  sets.set(set, made);
  return made;
}
