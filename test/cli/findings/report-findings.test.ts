import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/cli/findings/finding.js';
import { type FindingsReport, reportFindings } from '../../../src/cli/findings/report-findings.js';
import type { Paper } from '../../../src/cli/terminal.js';

const paper: Paper = { columns: 80, colors: picocolors.createColors(false) };

const expired: Finding = {
  severity: 'error',
  rule: 'expired',
  message: 'flags.old: 100 % over,\nsince: May',
  file: 'conf, prod/flags.yaml',
  line: 3,
  column: 3,
  flagKey: 'old',
};
const unowned: Finding = { severity: 'warning', rule: 'no-owner', message: 'nobody', file: 'flags.yaml' };

const source = 'version: 1\nflags:\n  old: {}\n  new: {}\n';

function print(findings: readonly Finding[], report: Partial<FindingsReport> = {}): string {
  return reportFindings(findings, {
    format: 'text',
    sourceOf: () => source,
    rules: new Map([['expired', 'The flag has had its day.']]),
    nothingFound: 'No problems.',
    ...report,
  }).text(paper);
}

const reported = (findings: readonly Finding[], maxWarnings?: number): number =>
  reportFindings(findings, {
    format: 'text',
    sourceOf: () => undefined,
    rules: new Map(),
    nothingFound: '',
    ...(maxWarnings !== undefined && { maxWarnings }),
  }).exitCode ?? 0;

describe('findings for people', () => {
  it('stand with their place, the lines around it and a caret', () => {
    expect(print([{ ...expired, message: 'is over' }, unowned])).toMatchInlineSnapshot(`
      "conf, prod/flags.yaml:3:3 error expired is over
        2 | flags:
      > 3 |   old: {}
          |   ^
        4 |   new: {}

      flags.yaml warning no-owner nobody

      1 error, 1 warning"
    `);
  });

  it('point at the right character behind wide ones and tabs', () => {
    const text = print([{ ...expired, message: 'here', line: 1, column: 6 }], { sourceOf: () => '\t日本: x' });
    expect(text.split('\n').slice(1, 3)).toEqual(['> 1 |   日本: x', '    |         ^']);
  });

  it('show of a long line the part that is meant, within the width', () => {
    const line = `{${'"key": 1, '.repeat(100_000)}"here": 2, ${'"key": 1, '.repeat(100)}}`;
    const text = print([{ ...expired, message: 'here', line: 1, column: 1_000_002 }], { sourceOf: () => line });
    const [, code = '', caret = ''] = text.split('\n');
    expect(code.length).toBeLessThanOrEqual(80);
    expect(code.slice(caret.indexOf('^'))).toMatch(/^"here": 2/);
  });

  it('keep what a file says from moving the cursor', () => {
    expect(
      print([{ ...expired, message: 'x', line: 1, column: 1 }], { sourceOf: () => '\u001b[2Jflags' }),
    ).not.toContain('\u001b');
  });

  it('say so where there are none', () => {
    expect(print([])).toBe('No problems.');
  });
});

describe('findings for GitHub', () => {
  it('are workflow commands, escaped as its toolkit does', () => {
    expect(print([expired, unowned], { format: 'github' })).toMatchInlineSnapshot(`
      "::error file=conf%2C prod/flags.yaml,line=3,col=3,title=halyard expired::flags.old: 100 %25 over,%0Asince: May
      ::warning file=flags.yaml,title=halyard no-owner::nobody"
    `);
  });
});

describe('findings as SARIF', () => {
  it('have rules, levels, and places with relative URIs', () => {
    expect(JSON.parse(print([expired, unowned], { format: 'sarif' }))).toEqual({
      $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
      version: '2.1.0',
      runs: [
        {
          tool: {
            driver: {
              name: 'halyard',
              rules: [{ id: 'expired', shortDescription: { text: 'The flag has had its day.' } }, { id: 'no-owner' }],
            },
          },
          columnKind: 'utf16CodeUnits',
          results: [
            {
              ruleId: 'expired',
              ruleIndex: 0,
              level: 'error',
              message: { text: expired.message },
              locations: [
                {
                  physicalLocation: {
                    artifactLocation: { uri: 'conf%2C%20prod/flags.yaml' },
                    region: { startLine: 3, startColumn: 3 },
                  },
                },
              ],
              properties: { flagKey: 'old' },
            },
            {
              ruleId: 'no-owner',
              ruleIndex: 1,
              level: 'warning',
              message: { text: 'nobody' },
              locations: [{ physicalLocation: { artifactLocation: { uri: 'flags.yaml' } } }],
            },
          ],
        },
      ],
    });
  });
});

describe('findings as JSON', () => {
  it('are what `--json` prints', () => {
    const answer = reportFindings([unowned], {
      format: 'json',
      sourceOf: () => undefined,
      rules: new Map(),
      nothingFound: '',
    });
    expect(JSON.parse(answer.text(paper))).toEqual(answer.data);
    expect(answer.data).toEqual({ errors: 0, warnings: 1, notes: 0, findings: [unowned] });
  });
});

describe('the exit code', () => {
  it('is 1 for errors, and for more warnings than are allowed', () => {
    expect(reported([])).toBe(0);
    expect(reported([unowned])).toBe(0);
    expect(reported([unowned], 1)).toBe(0);
    expect(reported([unowned], 0)).toBe(1);
    expect(reported([expired])).toBe(1);
  });
});
