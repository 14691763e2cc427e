import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { checkOptions, isBoolean, isListOfTexts, isText } from '../../options/check-options.js';
import { REPORT_FOLDER } from './answer-log.js';
import { untestedSides, untestedSidesChecks, type UntestedSidesOptions } from './untested-sides.js';

export interface ReporterOptions extends UntestedSidesOptions {
  /** Whether a run of all tests fails if a flag has a variant that none of them ran. Default: false. */
  readonly failOnUntested?: boolean | undefined;
}

/** What a reporter says at the end. */
export interface RunReport {
  readonly text: string;
  /** Whether the run has to fail because of it. */
  readonly isFailure: boolean;
}

/**
 * One run of tests, in whatever processes and threads: all inherit the environment of the one that the reporter is in, and
 * find there where to write.
 */
export class TestRun {
  readonly #options: ReporterOptions;
  #folder: string | undefined;
  #isOurs = false;

  /** @throws TypeError for an option that is unknown or wrong */
  constructor(where: string, options: ReporterOptions) {
    checkOptions<ReporterOptions>(where, options, {
      ...untestedSidesChecks,
      failOnUntested: { allowed: 'true or false', isRight: isBoolean },
    });
    this.#options = options;
  }

  /** To be called before anything is started that runs tests. A folder that is set already is used, and stays. */
  begin(): void {
    this.#isOurs = process.env[REPORT_FOLDER] === undefined;
    process.env[REPORT_FOLDER] ??= mkdtempSync(join(tmpdir(), 'halyard-test-report-'));
    this.#folder = process.env[REPORT_FOLDER];
  }

  /**
   * @param root where relative paths begin
   * @param isPartial whether only some of the tests were to run: what they leave out says nothing
   */
  report(root: string, isPartial: boolean): RunReport {
    const { failOnUntested = false, flags, ...rest } = this.#options;
    const found = untestedSides(this.#folder ?? '', { ...rest, flags: from(root, flags) });
    const isFailure = failOnUntested && !isPartial && found.untested.length > 0;
    const note = isPartial && found.untested.length > 0 ? '\n  Only some of the tests ran.' : '';
    return { text: `${String(found)}${note}`, isFailure };
  }

  /** Removes what was written. */
  end(): void {
    if (this.#folder === undefined || !this.#isOurs) return;
    rmSync(this.#folder, { recursive: true, force: true });
    Reflect.deleteProperty(process.env, REPORT_FOLDER);
    this.#folder = undefined;
  }
}

function from(root: string, flags: ReporterOptions['flags']): ReporterOptions['flags'] {
  if (isText(flags)) return resolve(root, flags as string);
  return isListOfTexts(flags) ? flags.map((path) => resolve(root, path)) : flags;
}
