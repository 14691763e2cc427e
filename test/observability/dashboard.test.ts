import { createHalyard, memoryStore } from 'halyard';
import { Registry } from 'prom-client';
import { beforeAll, describe, expect, it } from 'vitest';
import { quietLogger } from '../telemetry/quiet-logger.js';
import { groupingsIn, selectorsIn, strangersIn } from './named-series.js';
import {
  type Dashboard,
  dashboardExpressions,
  type Expression,
  type Panel,
  readDashboard,
  readme,
  readmeExpressions,
  readRules,
  ruleExpressions,
} from './observability-files.js';

const dashboard: Dashboard = readDashboard();
const panels = dashboard.panels.map((panel) => [panel.title, panel] as const);
const charts = panels.filter(([, { type }]) => type !== 'row');
const source = { type: 'prometheus', uid: '${datasource}' };

describe('the dashboard', () => {
  it('can be imported: its own title and uid, no id of a database, a format that Grafana 11 has', () => {
    expect(dashboard).toMatchObject({ id: null, uid: 'halyard-flags', title: 'Feature flags (Halyard)' });
    expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(36);
    expect(dashboard.schemaVersion).toBeLessThanOrEqual(39);
  });

  it('asks which Prometheus, job and flags', () => {
    const { list } = dashboard.templating;
    expect(list.map(({ name, type }) => `${name}: ${type}`)).toEqual([
      'datasource: datasource',
      'job: query',
      'flag_key: query',
    ]);
    expect(list.slice(1).map(({ datasource }) => datasource)).toEqual([source, source]);
  });

  it('has rows for all that there is', () => {
    expect(dashboard.panels.filter(({ type }) => type === 'row').map(({ title }) => title)).toEqual([
      'Overview',
      'Evaluations',
      'Requests: in the rollout against out of it',
      'Kill switches',
      'Configuration of the fleet',
      'Flags to remove',
    ]);
  });

  it('has panels with ids and titles of their own', () => {
    expect(new Set(panels.map(([, { id }]) => id)).size).toBe(panels.length);
    expect(new Set(panels.map(([title]) => title)).size).toBe(panels.length);
  });

  it('lays no panel over another, and none beyond its 24 columns', () => {
    for (const [title, { gridPos }] of panels) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
      const covered = panels.filter(([other, panel]) => other !== title && overlaps(panel.gridPos, gridPos));
      expect(
        covered.map(([other]) => other),
        title,
      ).toEqual([]);
    }
  });

  it.each(charts)('%s says what it shows, in which unit, from the Prometheus that was chosen', (_title, panel) => {
    expect(panel.description).toMatch(/\.$/);
    expect(panel.datasource).toEqual(source);
    expect(panel.fieldConfig?.defaults.unit).toEqual(expect.any(String));
    expect(panel.fieldConfig?.defaults.thresholds?.steps[0]).toMatchObject({ value: null });
    expect(panel.targets?.length).toBeGreaterThan(0);
    for (const target of panel.targets ?? []) expect(target.datasource).toEqual(source);
  });
});

describe('the page about them', () => {
  it('has a line for every panel and every alert', () => {
    const alerts = readRules().flatMap(({ alert }) => (alert === undefined ? [] : [`\`${alert}\``]));
    const unnamed = [...charts.map(([title]) => title), ...alerts].filter((name) => !readme.includes(`| ${name} |`));
    expect(unnamed).toEqual([]);
  });
});

describe('every expression of dashboard, rules and page', () => {
  const expressions: readonly Expression[] = [
    ...dashboardExpressions(dashboard),
    ...ruleExpressions(),
    ...readmeExpressions(),
  ];
  /** What a scrape, a namespace, a histogram and `label_replace` add to Halyard's own labels. */
  const added = ['job', 'instance', 'namespace', 'le', 'lineage'];
  let labelsOf: ReadonlyMap<string, readonly string[]>;

  beforeAll(async () => {
    const recorded = readRules().flatMap(({ record }) => (record === undefined ? [] : [record]));
    const own = ['flag_key', 'variant', 'assignment'];
    labelsOf = new Map([...(await registeredMetrics()), ...recorded.map((name) => [name, own] as const)]);
  });

  it.each(expressions.map(({ where, text }) => [where, text] as const))(
    '%s names what Halyard registers',
    (_where, text) => {
      const selectors = selectorsIn(text);
      expect(selectors.length).toBeGreaterThan(0);
      for (const { metric, labels } of selectors) {
        expect([...labelsOf.keys()]).toContain(metric);
        expect([...(labelsOf.get(metric) ?? []), ...added]).toEqual(expect.arrayContaining([...labels]));
      }
      const known = [...selectors.flatMap(({ metric }) => labelsOf.get(metric) ?? []), ...added];
      expect(known).toEqual(expect.arrayContaining([...groupingsIn(text)]));
      expect(strangersIn(text)).toEqual([]);
    },
  );

  it('has every metric that Halyard registers', () => {
    const named = new Set(expressions.flatMap(({ text }) => selectorsIn(text)).map(({ metric }) => metric));
    const unnamed = [...labelsOf.keys()].filter((name) => !named.has(name) && !name.endsWith('_sum'));
    expect(unnamed).toEqual([]);
  });
});

/** The label names of all series that a Halyard can have, by the name that a scrape gives them. */
async function registeredMetrics(): Promise<readonly (readonly [string, readonly string[]])[]> {
  const registry = new Registry();
  const halyard = await createHalyard({ store: memoryStore(), registry, logger: quietLogger });
  const metrics = registry.getMetricsAsArray() as unknown as readonly {
    readonly name: string;
    readonly type: string;
    readonly labelNames: readonly string[];
  }[];
  await halyard.close();
  return metrics.flatMap(({ name, type, labelNames }) =>
    (type === 'histogram' ? ['_bucket', '_count', '_sum'] : ['']).map((suffix) => [name + suffix, labelNames] as const),
  );
}

function overlaps(a: Panel['gridPos'], b: Panel['gridPos']): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}
