import type { FlagDefinition } from '../../flags/flag-definition.js';
import type { FlagLifecycle } from '../../lifecycle/flag-lifecycle.js';
import { asksForAnswer } from '../../source/flag-read.js';
import type { ProjectReferences, Reference } from '../refs/scan-project.js';

/** A flag that is ready for removal, with what shows it. */
export interface StaleFlag {
  readonly life: FlagLifecycle;
  /** Where code asks what it answers, tests left out. */
  readonly reads: readonly Reference[];
  /** Where tests name it, and what steers it. */
  readonly others: readonly Reference[];
  /** Flags that it must not go before. */
  readonly requiredBy: readonly string[];
}

export interface StaleSearch {
  /** Whether flags count, too, whose end is over and that still decide something. */
  readonly withExpired: boolean;
  /** Only these; `undefined`: all. */
  readonly keys: readonly string[] | undefined;
}

/** The flags that have had their day, those first that nothing reads any more. */
export function findStaleFlags(
  lifecycles: ReadonlyMap<string, FlagLifecycle>,
  definitions: ReadonlyMap<string, FlagDefinition>,
  { references }: ProjectReferences,
  { withExpired, keys }: StaleSearch,
): readonly StaleFlag[] {
  const isWanted = ({ key, stage, isExpired }: FlagLifecycle): boolean =>
    (keys === undefined || keys.includes(key)) && (stage === 'stale' || (withExpired && isExpired));
  return [...lifecycles.values()]
    .filter(isWanted)
    .map((life) => {
      const own = references.filter(({ key }) => key === life.key);
      const isRead = ({ kind, isTest }: Reference): boolean => asksForAnswer(kind) && !isTest;
      const requiredBy = [...definitions.values()]
        .filter(({ requires }) => requires.some(({ flag }) => flag === life.key))
        .map(({ key }) => key);
      return {
        life,
        reads: own.filter(isRead),
        others: own.filter((reference) => !isRead(reference)),
        requiredBy,
      };
    })
    .toSorted((a, b) => Number(a.reads.length > 0) - Number(b.reads.length > 0));
}

/** How the commands begin that are proposed: with the same paths and store as the one that was typed. */
export interface NextCommands {
  /** `halyard stale src` */
  readonly stale: string;
  /** What names the store, with a space before it; empty: nothing did. */
  readonly store: string;
}

/** @param store as it was typed; a password in it is left out */
export function nextCommands(paths: readonly string[], store: string | undefined): NextCommands {
  const named = store === undefined ? '' : ` --store '${store.replace(/\/\/[^/@]*@/, '//…@')}'`;
  const places = paths.filter((path) => path !== '.').map((path) => ` ${path}`);
  return { stale: `halyard stale${places.join('')}${named}`, store: named };
}

/** What to do next about a stale flag, as a command. */
export function nextStep({ life: { key, settled }, reads, others }: StaleFlag, commands: NextCommands): string {
  if (settled === undefined) return `${commands.stale} --fix ${key} --value ${key}=VARIANT`;
  if (reads.length + others.length > 0) return `${commands.stale} --fix ${key}`;
  return deleteCommand(key, 'nothing reads it any more', commands);
}

export const deleteCommand = (key: string, reason: string, { store }: NextCommands): string =>
  `halyard delete ${key}${store} --reason '${reason}' --yes`;
