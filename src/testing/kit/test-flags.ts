import { evaluateFlag } from '../../evaluation/evaluate.js';
import type { EvaluationContext } from '../../evaluation/evaluation-context.js';
import type { FlagDocument } from '../../flags/flag-document.js';
import type { FlagKey, VariantOf } from '../../flags/known-flags.js';
import { toVariantName } from '../../flags/names.js';
import { type HalyardParts, halyardParts } from '../../halyard-parts.js';
import { HalyardOfParts } from '../../local-halyard.js';
import { checkOptions, hasMethods, isObject, type OptionChecks } from '../../options/check-options.js';
import { consoleLogger, type Logger } from '../../runtime/logger.js';
import { type MemoryStore, memoryStore } from '../../stores/memory-store.js';
import { type EvaluatedFlag, EvaluatedFlags } from './evaluated-flags.js';
import { findUnit } from './find-unit.js';
import { type FlagAnswer, type FlagAnswers, flagOf, flagsAnswering, targeting, variantNames } from './flag-answers.js';
import { type FlagSource, readFlags } from './read-flags.js';
import { ScopedAnswers } from './scoped-answers.js';
import { type Instant, isInstant, TestClock } from './test-clock.js';
import { TestRuntime } from './test-runtime.js';
import { UnknownReads } from './unknown-reads.js';

export interface TestFlagsOptions {
  /** What flags answer to everyone, in place of what a document says. */
  readonly answers?: FlagAnswers | undefined;
  /** Where the clock stands, until it is moved. Default: the moment at which this is called. */
  readonly now?: Instant | undefined;
  /** Whether reading a flag that isn't there fails, or serves the caller's default as in production. Default: `throw`. */
  readonly unknownKeys?: 'throw' | 'default' | undefined;
  /** Static attributes under every evaluation. Default: none. */
  readonly context?: EvaluationContext | undefined;
  /** Default: the console, for errors. */
  readonly logger?: Logger | undefined;
}

const checks: OptionChecks<TestFlagsOptions> = {
  answers: { allowed: 'an object of answers by flag key', isRight: isObject },
  now: {
    allowed: 'a Date, a text or milliseconds since the epoch',
    isRight: isInstant,
  },
  unknownKeys: { allowed: '"throw" or "default"', isRight: (value) => value === 'throw' || value === 'default' },
  context: { allowed: 'an object of attributes', isRight: isObject },
  logger: {
    allowed: 'a logger with debug, info, warn and error',
    isRight: hasMethods('debug', 'info', 'warn', 'error'),
  },
};

const errorsOnly: Logger = { ...consoleLogger, warn: () => undefined };

/**
 * A Halyard for tests, there at once: real rules and buckets, in memory, without the environment's `HALYARD_FLAGS` and
 * `HALYARD_KILL`.
 *
 * @param source what each flag answers, `{ 'new-checkout': true, 'button-color': 'a' }`; or a flag document; or the path
 * or paths of its files, which are read once
 * @throws FlagDocumentError if the document has errors; TypeError for an option that is wrong, and for answers to flags
 * that the document lacks
 */
export function testFlags(source: FlagSource, options: TestFlagsOptions = {}): TestFlags {
  checkOptions('testFlags', options, checks);
  const { answers = {}, now = Date.now(), unknownKeys = 'throw', context = {}, logger = errorsOnly } = options;
  const document = readFlags('testFlags', source);
  const store = memoryStore({ ...document, flags: { ...document.flags, ...flagsAnswering(document, answers) } });
  // Time that is told to the flags makes those that are due tell of their change.
  const clock = new TestClock(now, () => runtime.setLocal((local) => local));
  const strictKeys = unknownKeys === 'throw';
  const local = { kills: new Map<string, number>(), overrides: new Map<string, string>() };
  const runtime = new TestRuntime(
    { base: Object.freeze({ ...context }), clock, logger, local, watch: true, strictKeys },
    store,
  );
  const unknown = new UnknownReads();
  ScopedAnswers.of(runtime);
  if (strictKeys) unknown.watch(runtime);
  const parts = halyardParts({ store, clock, fleet: false }, runtime);
  // What the store holds serves already; now its status says so, too.
  void parts.follower.start();
  return new TestFlags(parts, { document, runtime, store, clock, unknown });
}

interface TestParts {
  /** As it was given, without answers. */
  readonly document: FlagDocument;
  readonly runtime: TestRuntime;
  readonly store: MemoryStore;
  readonly clock: TestClock;
  readonly unknown: UnknownReads;
}

/** A Halyard whose flags, clock and units a test decides, and which tells what was read. */
export class TestFlags extends HalyardOfParts {
  /** What the time is, for flags and breakers. */
  readonly clock: TestClock;
  /** Where the flags are. What is changed here serves at once. */
  readonly store: MemoryStore;
  readonly #document: FlagDocument;
  readonly #runtime: TestRuntime;
  readonly #unknown: UnknownReads;
  readonly #evaluated = new EvaluatedFlags();

  constructor(parts: HalyardParts, { document, runtime, store, clock, unknown }: TestParts) {
    super(parts);
    this.clock = clock;
    this.store = store;
    this.#document = document;
    this.#runtime = runtime;
    this.#unknown = unknown;
    this.on('evaluation', (event) => this.#evaluated.add(event));
  }

  /** Which flags were read and what they answered, in order, since the beginning or the last `expectEvaluated`. */
  get evaluated(): readonly EvaluatedFlag[] {
    return this.#evaluated.list;
  }

  /**
   * Changes what flags answer to everyone, for every reader and at once; the event `change` tells. `undefined` brings back
   * what the document says. A kill still wins.
   *
   * @throws TypeError for a key that there isn't, and an answer that the flag can't give
   */
  set(answers: FlagAnswers): void {
    const { document } = this.store.stored;
    // As they were given, so that pins go, too; a flag that came later is as the store has it.
    const given = { ...document, flags: { ...document.flags, ...this.#document.flags } };
    const written = Object.keys(answers).map((key) => [key, flagOf(given, key)] as const);
    const answering = flagsAnswering(given, answers);
    this.store.set({ ...document, flags: { ...document.flags, ...Object.fromEntries(written), ...answering } });
  }

  /**
   * Gives one unit a variant, as a target of the flag does. Everyone else gets what they got.
   *
   * @param unit the targeting key
   * @throws TypeError for a key or a variant that there isn't; Error if the unit gets another all the same: the flag is
   * off, or one that it requires
   */
  pin<Key extends FlagKey>(unit: string | number, flagKey: Key, variant: FlagAnswer<Key>): void {
    const { document } = this.store.stored;
    const flag = targeting(flagKey, flagOf(document, flagKey), String(unit), variant);
    this.store.set({ ...document, flags: { ...document.flags, [flagKey]: flag } });
    const { flags } = this.#runtime.evaluator.current.set;
    const compiled = flags.get(flagKey);
    const context = { targetingKey: unit };
    const answer = compiled && evaluateFlag(compiled, flags, context, this.clock.now());
    if (answer?.variant === compiled?.definition?.targets.get(String(unit))) return;
    throw new Error(`The pin of "${unit}" has no effect.\n${String(this.explain(flagKey, context))}`);
  }

  /**
   * A unit that gets a variant by the flag's real rules and buckets: the first of `unit-0`, `unit-1`, …, up to 100,000. It
   * is a targeting key; for a flag with `by: company`, it is a company as well.
   *
   * @param context attributes beside the unit, for flags with rules
   * @throws TypeError for a key or a variant that there isn't; Error that says who gets what, if nobody gets it
   */
  unitIn<Key extends FlagKey>(flagKey: Key, variant: VariantOf<Key>, context: EvaluationContext = {}): string {
    const names = variantNames(flagOf(this.store.stored.document, flagKey));
    const name = toVariantName(variant);
    if (!names.includes(name)) {
      throw new TypeError(`\`${flagKey}\` has no variant \`${name}\`: its variants are ${names.join(', ')}.`);
    }
    const { set } = ScopedAnswers.of(this.#runtime).in(this.#runtime.evaluator.current);
    return findUnit(set, { key: flagKey, variant: name, context, now: this.clock.now() });
  }

  /** {@link withFlags} for this Halyard. */
  withFlags<Result>(answers: FlagAnswers, action: () => Result): Result {
    return ScopedAnswers.of(this.#runtime).run(answers, action);
  }

  /** What was read since the last call, and what was read though it isn't there. For `expectEvaluated`. */
  takeEvaluated(): { readonly reads: readonly EvaluatedFlag[]; readonly unknown: readonly string[] } {
    return { reads: this.#evaluated.take(), unknown: this.#unknown.take() };
  }

  /**
   * Ends everything. May be called twice.
   * @throws Error if flags were read that aren't there: whoever read them may have caught that
   */
  override async close(): Promise<void> {
    await super.close();
    const unknown = this.#unknown.take();
    if (unknown.length > 0) throw new Error(`The code under test read flags that aren't there.\n${unknown.join('\n')}`);
  }
}
