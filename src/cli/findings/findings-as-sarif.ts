import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Finding } from './finding.js';

/** What each rule finds, in a sentence, by the rule's name. */
export type RuleDescriptions = ReadonlyMap<string, string>;

/** A log of SARIF 2.1.0, which code scanning of GitHub and others read. https://docs.oasis-open.org/sarif/sarif/v2.1.0/ */
export function findingsAsSarif(findings: readonly Finding[], descriptions: RuleDescriptions): object {
  const names = [...new Set([...descriptions.keys(), ...findings.map(({ rule }) => rule)])];
  const indexes = new Map(names.map((name, index) => [name, index]));
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'halyard', rules: names.map((id) => descriptorOf(id, descriptions.get(id))) } },
        columnKind: 'utf16CodeUnits',
        results: findings.map((finding) => resultOf(finding, indexes.get(finding.rule))),
      },
    ],
  };
}

function descriptorOf(id: string, description: string | undefined): object {
  return { id, ...(description !== undefined && { shortDescription: { text: description } }) };
}

function resultOf(finding: Finding, ruleIndex: number | undefined): object {
  const { rule, severity, message, file, flagKey } = finding;
  return {
    ruleId: rule,
    ruleIndex,
    level: severity,
    message: { text: message },
    ...(file !== undefined && { locations: [{ physicalLocation: locationOf(file, finding) }] }),
    ...(flagKey !== undefined && { properties: { flagKey } }),
  };
}

function locationOf(file: string, { line, column }: Finding): object {
  return {
    artifactLocation: { uri: uriOf(file) },
    ...(line !== undefined && { region: { startLine: line, ...(column !== undefined && { startColumn: column }) } }),
  };
}

function uriOf(file: string): string {
  if (isAbsolute(file)) return pathToFileURL(file).href;
  return file.split(/[\\/]/).map(encodeURIComponent).join('/');
}
