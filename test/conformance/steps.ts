import type { Scenario, ScenarioStep } from './gherkin.js';

/** What one kind of step does. */
export interface StepDefinition<World> {
  readonly pattern: RegExp;
  readonly run: (world: World, groups: readonly string[], table: ScenarioStep['table']) => unknown;
}

/** A step whose text gives its arguments: the groups of the pattern. */
export function step<World>(
  pattern: RegExp,
  run: (world: World, ...groups: string[]) => unknown,
): StepDefinition<World> {
  return { pattern, run: (world, groups) => run(world, ...groups) };
}

/** A step that also has a table. */
export function tableStep<World>(
  pattern: RegExp,
  run: (world: World, table: ScenarioStep['table'], ...groups: string[]) => unknown,
): StepDefinition<World> {
  return { pattern, run: (world, groups, table) => run(world, table, ...groups) };
}

/** @throws whatever a step throws; Error for a step that nobody defined, or that two did */
export async function runScenario<World>(
  scenario: Scenario,
  definitions: readonly StepDefinition<World>[],
  world: World,
): Promise<void> {
  for (const { text, table } of scenario.steps) {
    const matching = definitions.filter(({ pattern }) => pattern.test(text));
    const [definition] = matching;
    if (definition === undefined || matching.length > 1) throw new Error(`${matching.length} definitions for: ${text}`);
    await definition.run(world, definition.pattern.exec(text)?.slice(1) ?? [], table);
  }
}
