import { describe, expect, it } from 'vitest';
import { observabilityPath, readRuleExpectations, readRules } from './observability-files.js';
import { promtool, withPrometheus } from './prometheus.js';

const unitTests = ['alerts.test.yaml', 'alerts.housekeeping.test.yaml'];
const alerts = readRules().filter(({ alert }) => alert !== undefined);

describe('every alert', () => {
  it.each(alerts.map((rule) => [rule.alert, rule] as const))(
    '%s says how bad it is, what it means and what to do',
    (_name, rule) => {
      expect(['critical', 'warning', 'info']).toContain(rule.labels?.['severity']);
      expect(Object.keys(rule.annotations ?? {})).toEqual(['summary', 'description', 'runbook']);
    },
  );

  const expectations = unitTests.flatMap(readRuleExpectations);

  it.each(alerts.map(({ alert }) => alert))('%s is tested where it fires', (alert) => {
    const about = expectations.filter(({ expr }) => expr.includes(`"${alert}"`));
    expect(about.some(({ exp_samples: samples }) => samples.length > 0)).toBe(true);
  });
});

withPrometheus(() => {
  describe('the rules', () => {
    it('are what Prometheus takes', async () => {
      expect(await promtool('check', 'rules', observabilityPath('alerts.yaml'))).toContain('SUCCESS');
    });

    it('fire where they should, and only there', { timeout: 120_000 }, async () => {
      expect(await promtool('test', 'rules', ...unitTests.map(observabilityPath))).not.toContain('FAILED');
    });
  });
});
