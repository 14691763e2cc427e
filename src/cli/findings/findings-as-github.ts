import type { Finding } from './finding.js';

const commands: Readonly<Record<Finding['severity'], string>> = { error: 'error', warning: 'warning', note: 'notice' };

/**
 * Commands that a GitHub Actions workflow shows as annotations of a pull request, one a line.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
 */
export const findingsAsGithub = (findings: readonly Finding[]): string => findings.map(commandOf).join('\n');

function commandOf({ severity, rule, message, file, line, column }: Finding): string {
  const properties = Object.entries({ file, line, col: column, title: `halyard ${rule}` })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
  return `::${commands[severity]} ${properties.join(',')}::${escapeData(message)}`;
}

/** As the runner's own toolkit does: https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts */
const escapeData = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

const escapeProperty = (text: string): string => escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
