import { type ReporterOptions, TestRun } from './test-run.js';

export type { ReporterOptions };

/** What is needed of Vitest, 3 or 4, whose types need not be installed. */
export interface RunningVitest {
  readonly config: {
    readonly root: string;
    readonly testNamePattern?: RegExp | undefined;
    readonly shard?: object | undefined;
    readonly changed?: boolean | string | undefined;
    readonly related?: readonly string[] | string | undefined;
  };
  /** The files that were asked for on the command line. */
  readonly filenamePattern?: readonly string[] | undefined;
  readonly logger: { log(text: string): void };
  onClose(end: () => void): void;
}

/**
 * A reporter for Vitest: which variants of flags no test ran. In the configuration, beside the others:
 * `reporters: ['default', ['halyard/testing/vitest-reporter', { failOnUntested: true }]]`.
 *
 * When only some of the tests run, it doesn't fail; and in watch mode it tells of all runs since the start.
 */
export class UntestedSidesReporter {
  readonly #run: TestRun;
  #vitest: RunningVitest | undefined;

  /** @throws TypeError for an option that is unknown or wrong */
  constructor(options: ReporterOptions = {}) {
    this.#run = new TestRun('halyard/testing/vitest-reporter', options);
  }

  onInit(vitest: RunningVitest): void {
    this.#vitest = vitest;
    this.#run.begin();
    vitest.onClose(() => this.#run.end());
  }

  onTestRunEnd(_modules: unknown, _errors: unknown, reason: 'passed' | 'interrupted' | 'failed'): void {
    if (this.#vitest === undefined || reason === 'interrupted') return;
    const { text, isFailure } = this.#run.report(this.#vitest.config.root, isPartial(this.#vitest));
    this.#vitest.logger.log(`\n${text}`);
    if (isFailure) process.exitCode = 1;
  }
}

/** Where a runner looks for it. @alias */
export default UntestedSidesReporter;

function isPartial({ config, filenamePattern }: RunningVitest): boolean {
  const { testNamePattern, shard, changed, related } = config;
  return [testNamePattern, shard, changed === false ? undefined : changed, related, filenamePattern].some(
    (part) => part !== undefined,
  );
}
