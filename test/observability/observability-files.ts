import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

/** The path of a file in `docs/observability`. */
export function observabilityPath(name: string): string {
  return fileURLToPath(new URL(`../../docs/observability/${name}`, import.meta.url));
}

const read = (name: string): string => readFileSync(observabilityPath(name), 'utf8');

/** What the page about dashboard and alerts says. */
export const readme: string = read('README.md');

/** A PromQL expression, and where it stands. */
export interface Expression {
  readonly where: string;
  readonly text: string;
}

export interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export function readRules(): readonly Rule[] {
  const { groups } = parse(read('alerts.yaml')) as { readonly groups: readonly { readonly rules: readonly Rule[] }[] };
  return groups.flatMap(({ rules }) => rules);
}

/** One expectation of a unit test of the rules. */
export interface RuleExpectation {
  readonly expr: string;
  readonly exp_samples: readonly object[];
}

export function readRuleExpectations(name: string): readonly RuleExpectation[] {
  const { tests } = parse(read(name)) as {
    readonly tests: readonly { readonly promql_expr_test: readonly RuleExpectation[] }[];
  };
  return tests.flatMap(({ promql_expr_test: expectations }) => expectations);
}

interface Datasource {
  readonly type: string;
  readonly uid: string;
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: Datasource;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly fieldConfig?: {
    readonly defaults: { readonly unit?: string; readonly thresholds?: { readonly steps: readonly object[] } };
  };
  readonly targets?: readonly { readonly refId: string; readonly datasource: Datasource; readonly expr: string }[];
}

export interface Variable {
  readonly name: string;
  readonly type: string;
  readonly definition?: string;
  readonly datasource?: Datasource;
}

export interface Dashboard {
  readonly id: null;
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly Variable[] };
  readonly annotations: { readonly list: readonly { readonly name: string; readonly expr?: string }[] };
}

export function readDashboard(): Dashboard {
  return JSON.parse(read('dashboard.json')) as Dashboard;
}

/** The expressions of all panels and annotations, as Grafana sends them when everything is selected. */
export function dashboardExpressions({ panels, annotations }: Dashboard): readonly Expression[] {
  const written = [
    ...panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ where: title, text: expr }))),
    ...annotations.list.flatMap(({ name, expr }) => (expr === undefined ? [] : [{ where: name, text: expr }])),
  ];
  return written.map(({ where, text }) => ({ where, text: selectAll(text) }));
}

function selectAll(text: string): string {
  return text.replaceAll('$__rate_interval', '1m').replaceAll(/\$(?:job|flag_key)\b/g, '.*');
}

/** The expressions of all rules. */
export function ruleExpressions(): readonly Expression[] {
  return readRules().map(({ alert, record, expr }) => ({ where: alert ?? record ?? '', text: expr }));
}

/** The expressions that the page shows. */
export function readmeExpressions(): readonly Expression[] {
  const blocks = readme.matchAll(/^```promql\n(.*?)^```$/gms);
  return Array.from(blocks, ([, text = ''], index) => ({ where: `README.md, block ${index + 1}`, text }));
}
