import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import JestReporter from 'halyard/testing/jest-reporter';
import { testFlags, untestedSides } from 'halyard/testing';
import VitestReporter from 'halyard/testing/vitest-reporter';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Reporter } from 'vitest/node';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const vitest = join(root, 'node_modules/.bin/vitest');
const tests = fileURLToPath(new URL('tests/', import.meta.url));

interface Run {
  readonly code: number;
  /** What was said about flags. */
  readonly report: string;
  readonly output: string;
}

/** Runs a command in the folder of `tests`. It knows nothing of the run that this test is in. */
function run(command: string, words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Run> {
  const options = { cwd: tests, env: { PATH: process.env['PATH'], TMPDIR: folder, ...env } };
  return new Promise((resolve) => {
    const child = execFile(command, [...words], options, (_error, stdout, stderr) => {
      const report = /^Flags:.*\n(?: {2}.*\n)*/m.exec(stdout)?.[0] ?? '';
      resolve({ code: child.exitCode ?? -1, report, output: stdout + stderr });
    });
  });
}

/** Where temporary files of the runs go. */
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'halyard-reporters-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, maxRetries: 3 });
});

/** What runs have left behind: node and its tools keep caches there. */
const leftBehind = () => readdirSync(folder).filter((name) => name.startsWith('halyard-'));

describe('the reporter for Vitest', () => {
  it('collects what all processes evaluated, and fails', { timeout: 120_000 }, async () => {
    const { code, report, output } = await run(vitest, ['run', '--pool', 'forks', '--maxWorkers', '2']);
    expect(report, output).toMatchInlineSnapshot(`
      "Flags: 3 of 3 have sides that no test ran.
        new-checkout  on ✓  off ✗
        button-color  control ✓  a ✓  b ✗
        payments      on ✗  off ✗  (never read)
      "
    `);
    expect(code).toBe(1);
    expect(leftBehind()).toEqual([]);
  });

  it(
    'does not fail when only some of the tests run, and leaves what they wrote where it is told to',
    {
      timeout: 120_000,
    },
    async () => {
      const HALYARD_TEST_REPORT = join(folder, 'report');
      const words = ['run', 'button', '--pool', 'threads'];
      const { code, report, output } = await run(vitest, words, { HALYARD_TEST_REPORT });
      expect(report, output).toMatchInlineSnapshot(`
      "Flags: 3 of 3 have sides that no test ran.
        new-checkout  on ✗  off ✗  (never read)
        button-color  control ✓  a ✗  b ✗
        payments      on ✗  off ✗  (never read)
        Only some of the tests ran.
      "
    `);
      expect(code).toBe(0);
      expect(untestedSides(HALYARD_TEST_REPORT).untested).toEqual([
        { flagKey: 'button-color', variants: ['control', 'a', 'b'], untested: ['a', 'b'], isRead: true },
      ]);
    },
  );

  it('is a reporter by its types, and checks its options', () => {
    expect(new VitestReporter() satisfies Reporter).toBeDefined();
    expect(() => new VitestReporter({ ignored: [] } as object)).toThrow(
      'halyard/testing/vitest-reporter: unknown option `ignored`. Did you mean `ignore`?',
    );
  });
});

describe('the reporter for node:test', () => {
  it('collects what all files evaluated, and fails', { timeout: 120_000 }, async () => {
    const reporters = ['tap', './node-reporter.mjs'].flatMap((name) => [
      `--test-reporter=${name}`,
      '--test-reporter-destination=stdout',
    ]);
    const { code, report, output } = await run(process.execPath, ['--test', ...reporters, 'checkout.node-case.mjs']);
    expect(report, output).toMatchInlineSnapshot(`
      "Flags: 1 of 1 has sides that no test ran.
        new-checkout  on ✓  off ✗
      "
    `);
    expect(code).toBe(1);
    expect(leftBehind()).toEqual([]);
  });
});

describe('the reporter for Jest', () => {
  const config = { rootDir: tests, nonFlagArgs: [], testNamePattern: '' };

  function report(reporter: JestReporter): string {
    let text = '';
    vi.stubEnv('HALYARD_TEST_REPORT', undefined);
    vi.stubEnv('TMPDIR', folder);
    vi.spyOn(process.stderr, 'write').mockImplementationOnce((written) => {
      text = String(written);
      return true;
    });
    reporter.onRunStart();
    testFlags({ 'new-checkout': true }).boolean('new-checkout', false);
    reporter.onRunComplete([], {});
    vi.restoreAllMocks();
    return text;
  }

  it('says what no test ran, and makes the run fail', () => {
    const reporter = new JestReporter(config, { failOnUntested: true });
    expect(report(reporter)).toMatchInlineSnapshot(`
      "
      Flags: 1 of 1 has sides that no test ran.
        new-checkout  on ✓  off ✗
      "
    `);
    expect(reporter.getLastError()).toEqual(new Error('Flags have sides that no test ran.'));
    expect(leftBehind()).toEqual([]);
    expect(existsSync(folder)).toBe(true);
    expect(process.env['HALYARD_TEST_REPORT']).toBeUndefined();
  });

  it.each([{ nonFlagArgs: ['checkout'] }, { testNamePattern: 'checkout' }, { shard: {} }, { onlyChanged: true }])(
    'does not fail when only some of the tests run: %j',
    (part) => {
      const reporter = new JestReporter({ ...config, ...part }, { failOnUntested: true });
      expect(report(reporter)).toContain('Only some of the tests ran.');
      expect(reporter.getLastError()).toBeUndefined();
    },
  );
});

describe('untestedSides', () => {
  it('knows nothing of a folder that is not there', () => {
    expect(String(untestedSides(join(folder, 'none')))).toBe('Flags: no test read one through halyard/testing.');
  });

  it('knows the variants of flags that tests made of their answers', () => {
    vi.stubEnv('HALYARD_TEST_REPORT', join(folder, 'report'));
    const read = (color: string) => testFlags({ 'button-color': color }).string('button-color', '');
    expect([read('b'), read('a'), testFlags({ on: true }).boolean('on', false)]).toEqual(['b', 'a', true]);
    expect(String(untestedSides(join(folder, 'report'), { show: 'all' }))).toMatchInlineSnapshot(`
      "Flags: 1 of 2 has sides that no test ran.
        button-color  a ✓  b ✓
        on            on ✓  off ✗"
    `);
    expect(String(untestedSides(join(folder, 'report'), { ignore: ['on'] }))).toBe(
      'Flags: tests ran every side of 1 flag.',
    );
  });
});
