import { type ReporterOptions, TestRun } from './test-run.js';

export type { ReporterOptions };

/** A reporter of node:test's: it is given the run's events, and yields what is to be printed. */
export type NodeReporter = (events: AsyncIterable<unknown>) => AsyncGenerator<string, void>;

/**
 * A reporter for node:test: which variants of flags no test ran. Beside another one:
 * `node --test --test-reporter=spec --test-reporter-destination=stdout
 * --test-reporter=halyard/testing/node-reporter --test-reporter-destination=stdout`.
 * One with options is the default export of a module of yours: `export default untestedSidesReporter({ failOnUntested: true })`.
 *
 * When only some of the tests run, by their names, it doesn't fail.
 * @throws TypeError for an option that is unknown or wrong
 */
export function untestedSidesReporter(options: ReporterOptions = {}): NodeReporter {
  const run = new TestRun('halyard/testing/node-reporter', options);
  // An arrow, because Node takes other functions for classes; and no generator, which would begin only after the tests.
  return (events) => {
    run.begin();
    return tell(run, events);
  };
}

async function* tell(run: TestRun, events: AsyncIterable<unknown>): AsyncGenerator<string, void> {
  const rest = events[Symbol.asyncIterator]();
  while ((await rest.next()).done !== true) continue;
  const { text, isFailure } = run.report(process.cwd(), isPartial(process.execArgv));
  run.end();
  yield `\n${text}\n`;
  if (isFailure) process.exitCode = 1;
}

const reporter: NodeReporter = untestedSidesReporter();
export default reporter;

function isPartial(words: readonly string[]): boolean {
  return words.some((word) => /^--test-(name-pattern|skip-pattern|only|shard)\b/.test(word));
}
