import { RE2JS } from 're2js';

/**
 * Whether a text has the pattern anywhere in it. The engine has RE2's syntax and semantics, so matching takes time linear
 * in the text; what would need backtracking (backreferences, lookarounds) is refused. Throws on a pattern that isn't one.
 */
export function compilePattern(source: string, ignoreCase: boolean): (text: string) => boolean {
  const pattern = RE2JS.compile(source, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  return (text) => pattern.test(text);
}
