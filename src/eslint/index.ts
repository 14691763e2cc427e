import type { ESLint, Linter } from 'eslint';
import { FlagFiles } from './flag-files.js';
import { createRuleMaker } from './linted-file.js';
import { knownKey } from './rules/known-key.js';
import { literalKey } from './rules/literal-key.js';
import { noExpired } from './rules/no-expired.js';
import { noNested } from './rules/no-nested.js';

export type { HalyardSettings } from './plugin-settings.js';

/** The plugin, for a flat configuration of ESLint 9 or newer. */
export interface HalyardPlugin extends ESLint.Plugin {
  readonly configs: {
    /** Unknown keys are errors; expired, nested and computed ones warnings. */
    readonly recommended: Linter.Config;
  };
}

function createPlugin(): HalyardPlugin {
  const makeRule = createRuleMaker(new FlagFiles());
  const plugin: ESLint.Plugin = {
    meta: { name: 'halyard', namespace: 'halyard' },
    rules: {
      'known-key': knownKey(makeRule),
      'no-expired': noExpired(makeRule),
      'no-nested': noNested(makeRule),
      'literal-key': literalKey(makeRule),
    },
  };
  const recommended: Linter.Config = {
    name: 'halyard/recommended',
    plugins: { halyard: plugin },
    rules: {
      'halyard/known-key': 'error',
      'halyard/no-expired': 'warn',
      'halyard/no-nested': 'warn',
      'halyard/literal-key': 'warn',
    },
  };
  return Object.assign(plugin, { configs: { recommended } });
}

const plugin: HalyardPlugin = createPlugin();

// For `require`, where a default export is a property like others.
export const rules: HalyardPlugin['rules'] = plugin.rules;
export const configs: HalyardPlugin['configs'] = plugin.configs;

export default plugin;
