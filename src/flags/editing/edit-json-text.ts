/** `undefined`: the text is no JSON. YAML in braces often is, and then it stays JSON. */
export function editJsonText(text: string, after: unknown): string | undefined {
  if (!isJson(text)) return undefined;
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const [, end = ''] = /(\s*)$/.exec(text) ?? [];
  return JSON.stringify(after, undefined, indentationOf(text)).replaceAll('\n', eol) + end;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The spaces or tabs before the first key; none if it stands on the first line. */
function indentationOf(text: string): string {
  return /^\s*\{\r?\n([ \t]+)"/.exec(text)?.[1] ?? '';
}
