/** The beginning of a text: at most `longest` UTF-16 units, and never half a character. */
export function shortText(text: string, longest: number): string {
  return text.length <= longest ? text : text.slice(0, longest).replace(/[\ud800-\udbff]$/, '');
}

/**
 * A value as JSON; `undefined` if that is longer than `longest` UTF-16 units, or there is none. However large the value
 * is, no more of it is written than that.
 */
export function shortJson(value: object, longest: number): string | undefined {
  let room = longest;
  try {
    const text = JSON.stringify(value, (_key, part: unknown) => {
      room -= typeof part === 'string' ? part.length : 1;
      if (room < 0) throw new RangeError('too long');
      return part;
    });
    return text.length <= longest ? text : undefined;
  } catch {
    // It is too long, refers to itself, or can't be written.
    return undefined;
  }
}
