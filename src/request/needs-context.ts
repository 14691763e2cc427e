import type { CompiledFlag } from '../evaluation/compiled-flag.js';

/** Whether a flag's answer may depend on the context. One that is off, overridden or the same for everyone needs none. */
export function needsContext(flag: CompiledFlag | undefined): boolean {
  if (flag === undefined || flag.settled !== undefined) return false;
  const { definition, targets, rules, requires } = flag;
  return targets !== undefined || rules.length > 0 || requires.length > 0 || definition?.outcome.type !== 'serve';
}
