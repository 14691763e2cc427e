import type { WrittenFlag, WrittenOutcome } from '../../flags/flag-document.js';

/** A place that a difference names: in a flag, in what operations did to a flag, or elsewhere in the document. */
export type ChangedPlace =
  | { readonly part: 'flag'; readonly key: string; readonly name: string | undefined }
  | { readonly part: 'state'; readonly key: string; readonly what: string }
  /** What opened a breaker on one instance. */
  | { readonly part: 'breaker'; readonly key: string }
  | { readonly part: 'document'; readonly path: string };

/**
 * The place of a path such as `flags.KEY.NAME` or `state.kills.KEY`. Keys may have dots in them, so the last part is a
 * name only if it is one that flags have.
 */
export function placeOf(path: string): ChangedPlace {
  const [section, ...rest] = path.split('.');
  if (section === 'state' && rest.length > 1) {
    return { part: 'state', what: rest[0] ?? '', key: rest.slice(1).join('.') };
  }
  if (section === 'breakers' && rest.length > 0) return { part: 'breaker', key: rest.join('.') };
  if (section !== 'flags' || rest.length === 0) return { part: 'document', path };
  const last = rest.at(-1) ?? '';
  const isName = rest.length > 1 && isFlagName(last);
  return { part: 'flag', key: (isName ? rest.slice(0, -1) : rest).join('.'), name: isName ? last : undefined };
}

/** Whether a flag may have something by this name. */
export const isFlagName = (name: string): boolean => name.startsWith('x-') || Object.hasOwn(names, name);

type FlagName = Exclude<keyof (WrittenFlag & WrittenOutcome), `x-${string}`>;

const names: Readonly<Record<FlagName, true>> = {
  description: true,
  kind: true,
  owner: true,
  ticket: true,
  created: true,
  expires: true,
  enabled: true,
  variants: true,
  offVariant: true,
  targets: true,
  rules: true,
  requires: true,
  by: true,
  seed: true,
  tags: true,
  metadata: true,
  clientSafe: true,
  breaker: true,
  serve: true,
  rollout: true,
  split: true,
};
