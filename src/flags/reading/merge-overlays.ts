import { isMapping } from '../parsing/read-fields.js';

/**
 * One document out of several: what a later one says wins, for flags per flag and key, for the rest per key and, in a
 * mapping such as `segments`, per name. The arguments stay as they are.
 */
export function mergeOverlays(documents: readonly unknown[]): unknown {
  return documents.reduce((base, overlay) =>
    isMapping(base) && isMapping(overlay) ? mergeDocuments(base, overlay) : overlay,
  );
}

type Mapping = Readonly<Record<string, unknown>>;

function mergeDocuments(base: Mapping, overlay: Mapping): Mapping {
  return mergeBy(base, overlay, (name, before, now) => {
    if (!isMapping(before) || !isMapping(now)) return now;
    if (name === 'flags')
      return mergeBy(before, now, (_key, flag, changes) =>
        isMapping(flag) && isMapping(changes) ? mergeFlags(flag, changes) : changes,
      );
    return name === 'segments' ? { ...before, ...now } : now;
  });
}

/** `{ ...base, ...overlay }`, with a say about the names that both have. A name such as `__proto__` stays a name. */
function mergeBy(
  base: Mapping,
  overlay: Mapping,
  both: (name: string, before: unknown, now: unknown) => unknown,
): Mapping {
  const merged = Object.keys(overlay).map((name): [string, unknown] => [
    name,
    Object.hasOwn(base, name) ? both(name, base[name], overlay[name]) : overlay[name],
  ]);
  return { ...base, ...Object.fromEntries(merged) };
}

/** An overlay that says another kind of outcome replaces the base's, rather than adding to it. */
function mergeFlags(base: Mapping, overlay: Mapping): Mapping {
  const has = (name: string): boolean => Object.hasOwn(overlay, name);
  const dropped = has('serve') ? ['rollout', 'split'] : has('rollout') || has('split') ? ['serve'] : [];
  const kept = Object.fromEntries(Object.entries(base).filter(([name]) => has(name) || !dropped.includes(name)));
  return { ...kept, ...overlay };
}
