import type { EvaluationContext } from '../evaluation/evaluation-context.js';

/**
 * One context of several; the later layer wins. An attribute that is `undefined` or `null`, and an empty targeting key,
 * are missing: they leave standing what a layer below knows. Symbols are copied, as OpenFeature's merging does.
 */
export function mergeContexts(layers: readonly object[]): EvaluationContext {
  const merged: Record<PropertyKey, unknown> = {};
  for (const layer of layers) {
    addAll(Object.keys(layer), layer, merged);
    const symbols = Object.getOwnPropertySymbols(layer);
    if (symbols.length > 0)
      addAll(
        symbols.filter((key) => isEnumerable(layer, key)),
        layer,
        merged,
      );
  }
  return Object.freeze(merged);
}

function addAll(keys: readonly PropertyKey[], layer: object, merged: Record<PropertyKey, unknown>): void {
  for (const key of keys) {
    // Assigning to `__proto__` would not make an attribute.
    if (key === '__proto__') continue;
    const value = (layer as Record<PropertyKey, unknown>)[key];
    if (!isMissing(key, value)) merged[key] = value;
  }
}

function isEnumerable(layer: object, key: symbol): boolean {
  return Object.prototype.propertyIsEnumerable.call(layer, key);
}

/** A context without its symbols: these are for those who put them there. */
export function attributesOf(context: EvaluationContext): EvaluationContext {
  if (Object.getOwnPropertySymbols(context).length === 0) return context;
  return Object.freeze(Object.fromEntries(Object.entries(context)));
}

function isMissing(key: PropertyKey, value: unknown): boolean {
  return value === undefined || value === null || (key === 'targetingKey' && value === '');
}
