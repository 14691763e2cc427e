/** What flag keys and segment names look like. */
export const KEY_RULE = 'A letter or a digit first, then at most 127 letters, digits, `.`, `_`, `/` or `-`.';

const keyPattern = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,127}$/;

/** Whether a text may be a flag's key or a segment's name. */
export function isKey(text: string): boolean {
  return keyPattern.test(text);
}

/** A text like this one that is a key, for a suggestion. */
export function correctKey(text: string): string | undefined {
  const key = text
    .trim()
    .slice(0, 128)
    .replace(/[^A-Za-z0-9._/-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+|-+$/g, '');
  return key !== text && isKey(key) ? key : undefined;
}

const controlCharacter = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/** Whether a text may name a variant: 1 to 128 characters, none of them a control character. */
export function isVariantName(text: string): boolean {
  return text !== '' && text.length <= 128 && text !== '__proto__' && !controlCharacter.test(text);
}

/**
 * The variant that a written name means. Tools that speak YAML 1.1 write `true` for `on` and `false` for `off`, and
 * a boolean key arrives as the text `true`: so these never name a variant of their own.
 */
export function toVariantName(written: string | boolean): string {
  if (written === true || written === 'true') return 'on';
  if (written === false || written === 'false') return 'off';
  return written;
}

/** Whether JavaScript would move the name before all others: `"10"`, but neither `"010"` nor `"1.5"`. */
export function isReordered(name: string): boolean {
  return /^(?:0|[1-9]\d{0,9})$/.test(name) && Number(name) < 4_294_967_295;
}
