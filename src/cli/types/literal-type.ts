import type { JsonValue } from '../../flags/flag-document.js';

/** The type in TypeScript that holds this value alone; objects and arrays are read-only. */
export function literalType(value: JsonValue): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (isList(value)) return `readonly [${value.map(literalType).join(', ')}]`;
  return objectType(
    Object.entries(value).map(([name, part]) => `readonly ${propertyName(name)}: ${literalType(part)}`),
  );
}

/** An object type in one line, of members without their semicolons. */
export function objectType(members: readonly string[]): string {
  return members.length === 0 ? '{}' : `{ ${members.join('; ')} }`;
}

/** A name as a type may declare it: quoted only where it has to be. */
export function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

const isList = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value);
