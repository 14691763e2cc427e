import { readFileSync } from 'node:fs';
import { AstBuilder, compile, GherkinClassicTokenMatcher, Parser } from '@cucumber/gherkin';
import { IdGenerator } from '@cucumber/messages';

type GherkinDocument = ReturnType<InstanceType<typeof Parser>['parse']>;
type PickleStep = ReturnType<typeof compile>[number]['steps'][number];

/** A scenario as it is run: an outline makes one for each row of its examples. */
export interface Scenario {
  readonly name: string;
  /** The line of the scenario, or of the row of examples that makes it (1-based). */
  readonly line: number;
  /** Its own tags and those around it, with `@`. */
  readonly tags: readonly string[];
  readonly steps: readonly ScenarioStep[];
}

export interface ScenarioStep {
  readonly text: string;
  /** The rows of the step's table; none if it has no table. */
  readonly table: readonly (readonly string[])[];
}

/** @throws if the file can't be read or isn't Gherkin */
export function readFeature(path: string): readonly Scenario[] {
  const newId = IdGenerator.incrementing();
  const parser = new Parser(new AstBuilder(newId), new GherkinClassicTokenMatcher());
  const document = parser.parse(readFileSync(path, 'utf8'));
  const lines = linesOfScenarios(document);
  return compile(document, path, newId).map(({ name, tags, steps, astNodeIds }) => ({
    name,
    line: lines.get(astNodeIds.at(-1) ?? '') ?? 0,
    tags: tags.map((tag) => tag.name),
    steps: steps.map(toStep),
  }));
}

/** By the ids of scenarios and of rows of examples. */
function linesOfScenarios({ feature }: GherkinDocument): ReadonlyMap<string, number> {
  const scenarios = feature?.children.flatMap(({ scenario }) => scenario ?? []) ?? [];
  const rows = scenarios.flatMap(({ examples }) => examples).flatMap(({ tableBody }) => tableBody);
  return new Map([...scenarios, ...rows].map(({ id, location }) => [id, location.line]));
}

function toStep({ text, argument }: PickleStep): ScenarioStep {
  const rows = argument?.dataTable?.rows ?? [];
  return { text, table: rows.map(({ cells }) => cells.map((cell) => cell.value)) };
}
