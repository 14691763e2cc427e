import type { Runtime } from '../../runtime/runtime.js';
import type { Rollouts, RolloutStatus } from './rollouts.js';

/** How long a controller may take to begin a rollout, in milliseconds, before somebody is told that there may be none. */
const PATIENCE_MS = 600_000;

/** Warns, once for each, of rollouts that nothing has begun: their checks are written, and nobody looks at them. */
export function warnOfNeglected(rollouts: Pick<Rollouts, 'list'>, runtime: Runtime): void {
  const told = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const waiting = (): readonly RolloutStatus[] =>
    rollouts.list().filter(({ flagKey, status }) => status === 'waiting' && !told.has(flagKey));
  const begun = (): readonly string[] =>
    waiting().flatMap(({ flagKey, percentage }) => (percentage > 0 ? [flagKey] : []));
  const tell = (before: readonly string[]): void => {
    timer = undefined;
    const after = new Set(begun());
    for (const flagKey of before.filter((key) => after.has(key))) {
      told.add(flagKey);
      runtime.logger.warn(
        { flagKey },
        `The rollout of "${flagKey}" has checks, and nothing has begun it: it stays at its first stage. Run \`createRolloutController\` in a process that follows this store.`,
      );
    }
    look();
  };
  const look = (): void => {
    if (timer !== undefined || waiting().length === 0) return;
    const before = begun();
    timer = setTimeout(() => tell(before), PATIENCE_MS).unref();
  };
  runtime.onClose(runtime.onServed(look));
  runtime.onClose(() => clearTimeout(timer));
}
