import { type ReporterOptions, TestRun } from './test-run.js';

export type { ReporterOptions };

/** What is needed of Jest's configuration, 29 or 30. */
export interface JestConfig {
  readonly rootDir: string;
  /** The files that were asked for on the command line. */
  readonly nonFlagArgs?: readonly string[];
  readonly testNamePattern?: string | undefined;
  readonly onlyChanged?: boolean;
  readonly onlyFailures?: boolean;
  readonly findRelatedTests?: boolean;
  readonly shard?: object | undefined;
}

/**
 * A reporter for Jest: which variants of flags no test ran. In the configuration, beside the others:
 * `reporters: ['default', ['halyard/testing/jest-reporter', { failOnUntested: true }]]`.
 *
 * When only some of the tests run, it doesn't fail.
 */
export class UntestedSidesReporter {
  readonly #run: TestRun;
  readonly #config: JestConfig;
  #error: Error | undefined;

  /** @throws TypeError for an option that is unknown or wrong */
  constructor(config: JestConfig, options: ReporterOptions = {}) {
    this.#config = config;
    this.#run = new TestRun('halyard/testing/jest-reporter', options);
  }

  onRunStart(): void {
    this.#run.begin();
  }

  onRunComplete(_contexts: unknown, { wasInterrupted }: { readonly wasInterrupted?: boolean }): void {
    if (wasInterrupted !== true) {
      const { text, isFailure } = this.#run.report(this.#config.rootDir, isPartial(this.#config));
      // Where Jest's own reporters write.
      process.stderr.write(`\n${text}\n`);
      if (isFailure) this.#error = new Error('Flags have sides that no test ran.');
    }
    this.#run.end();
  }

  /** Jest fails if there is one. */
  getLastError(): Error | undefined {
    return this.#error;
  }
}

/** Where a runner looks for it. @alias */
export default UntestedSidesReporter;

function isPartial(config: JestConfig): boolean {
  const { nonFlagArgs = [], testNamePattern = '', onlyChanged, onlyFailures, findRelatedTests, shard } = config;
  return (
    nonFlagArgs.length > 0 ||
    testNamePattern !== '' ||
    [onlyChanged, onlyFailures, findRelatedTests].includes(true) ||
    shard !== undefined
  );
}
