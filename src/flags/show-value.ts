const MAX_LENGTH = 60;

/** A value as an error message shows it: flow YAML, at most 60 characters. Never throws, whatever the value is. */
export function showValue(value: unknown): string {
  try {
    const text = flow(value, 3);
    return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH - 1)}…` : text;
  } catch {
    return 'something that cannot be read';
  }
}

function flow(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.length > MAX_LENGTH ? value.slice(0, MAX_LENGTH) : value);
    case 'bigint':
      return `${value}n (a BigInt)`;
    case 'function':
      return 'a function';
    case 'symbol':
      return 'a symbol';
    case 'object':
      return value === null ? 'null' : flowObject(value, depth);
    default:
      return String(value);
  }
}

function flowObject(value: object, depth: number): string {
  if (Array.isArray(value)) {
    if (depth === 0 && value.length > 0) return '[…]';
    return `[${shown(value.slice(0, MAX_LENGTH).map((item) => flow(item, depth - 1)))}]`;
  }
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  if (tag !== 'Object') return `a ${tag}`;
  const names = Object.keys(value);
  if (names.length === 0) return '{}';
  if (depth === 0) return '{…}';
  return `{ ${shown(names.slice(0, MAX_LENGTH).map((name) => `${name}: ${flow(Reflect.get(value, name), depth - 1)}`))} }`;
}

function shown(parts: readonly string[]): string {
  return parts.join(', ');
}

/** A name as a message shows it, without its control characters. */
export function showName(name: string): string {
  const text = JSON.stringify(name).slice(1, -1);
  return `\`${text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH - 1)}…` : text}\``;
}

/** What a caught value says. Never throws. */
export function showError(caught: unknown): string {
  try {
    return String(caught instanceof Error ? caught.message : caught);
  } catch {
    return 'an error that cannot be read';
  }
}
