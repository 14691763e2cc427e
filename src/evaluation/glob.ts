/**
 * Whether the whole of a text matches `pattern`, in which `*` is any run of characters, also an empty one, and `?` is
 * one character. Takes at most time in proportion to the product of both lengths, whatever the pattern.
 */
export function compileGlob(pattern: string): (text: string) => boolean {
  const literal = pattern.replaceAll('*', '');
  if (!literal.includes('?')) {
    const stars = pattern.length - literal.length;
    if (stars === 0) return (text) => text === pattern;
    if (stars === 1 && pattern.startsWith('*')) return (text) => text.endsWith(literal);
    if (stars === 1 && pattern.endsWith('*')) return (text) => text.startsWith(literal);
  }
  const characters = Array.from(pattern);
  return (text) => matchesGlob(characters, text);
}

/** Greedy, with one step back: when a character doesn't fit, the latest `*` takes one more. */
function matchesGlob(pattern: readonly string[], text: string): boolean {
  let place = 0;
  let index = 0;
  let star = -1;
  let taken = 0;
  while (index < text.length) {
    const character = characterAt(text, index);
    const wanted = pattern[place];
    if (wanted === '*') {
      star = place;
      taken = index;
      place += 1;
    } else if (wanted === '?' || wanted === character) {
      place += 1;
      index += character.length;
    } else if (star >= 0) {
      taken += characterAt(text, taken).length;
      index = taken;
      place = star + 1;
    } else {
      return false;
    }
  }
  while (pattern[place] === '*') place += 1;
  return place === pattern.length;
}

function characterAt(text: string, index: number): string {
  return String.fromCodePoint(text.codePointAt(index) ?? 0);
}
