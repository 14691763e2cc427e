/** A JSDoc comment of these lines, indented; empty ones at its end are left out. Text stays text: it can't end the comment, nor begin a tag. */
export function docComment(paragraphs: readonly string[], tags: readonly string[], indent: string): string {
  const text = paragraphs.flatMap((paragraph, index) => [...(index === 0 ? [] : ['']), ...linesOf(paragraph)]);
  const lines = [...text, ...tags];
  const [only] = lines;
  if (only === undefined) return '';
  if (lines.length === 1) return `${indent}/** ${only} */\n`;
  const starred = lines.map((line) => `${indent} * ${line}`.trimEnd());
  return `${indent}/**\n${starred.join('\n')}\n${indent} */\n`;
}

function linesOf(text: string): readonly string[] {
  const lines = text.trim().split(/\r\n?|[\n\u2028\u2029]/);
  return lines.map((line) => line.trim().replaceAll('*/', '*\\/').replace(/^@/, '\\@'));
}
