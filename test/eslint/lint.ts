import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Linter } from 'eslint';
import halyard, { type HalyardSettings } from 'halyard/eslint';
import tseslint from 'typescript-eslint';
import { onTestFinished } from 'vitest';

/** Flags of all kinds: the expired one was to end long ago. */
export const FLAGS = `version: 1
flags:
  new-checkout: { owner: payments-team, created: 2026-01-01, expires: 2099-01-01, rollout: 10 }
  old-banner: { owner: web-team, expires: 2020-02-29 }
  dark-mode: { kind: permission, rules: [{ when: { beta: true }, serve: on }], serve: off }
  payments: { kind: operational }
`;

/** A folder with a flag file, in which code is linted as an editor or the command line does. */
export interface LintingFolder {
  readonly cwd: string;
  /** The problems in the order of the text: rule, line and message, `HALYARD/known-key 1: There is …`. */
  readonly lint: (code: string, options?: { readonly language?: 'js' | 'ts' }) => readonly string[];
  readonly problems: (code: string) => readonly Linter.LintMessage[];
}

export function lintingFolder(
  files: Readonly<Record<string, string>> = { 'flags.yaml': FLAGS },
  settings: HalyardSettings = {},
): LintingFolder {
  const cwd = mkdtempSync(join(tmpdir(), 'halyard-eslint-'));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  const linter = new Linter({ cwd, configType: 'flat' });
  const verify = (code: string, language: 'js' | 'ts'): readonly Linter.LintMessage[] =>
    linter.verify(
      code,
      [
        { files: ['**/*.{js,ts}'], settings: { halyard: settings }, ...halyard.configs.recommended },
        { files: ['**/*.ts'], languageOptions: { parser: tseslint.parser } },
      ],
      { filename: `src/checkout.${language}` },
    );
  return {
    cwd,
    problems: (code) => verify(code, 'ts'),
    lint: (code, { language = 'ts' } = {}) =>
      verify(code, language).map(({ ruleId, line, message }) => `${ruleId ?? 'fatal'} ${line}: ${message}`),
  };
}
