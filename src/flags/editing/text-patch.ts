/** Replaces what lies between two offsets of a text. */
export interface TextPatch {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Patches don't overlap; those that insert at one place follow each other as they come. */
export function applyPatches(text: string, patches: readonly TextPatch[]): string {
  const ordered = patches.toSorted((a, b) => a.start - b.start || a.end - b.end);
  const parts: string[] = [];
  let position = 0;
  for (const patch of ordered) {
    parts.push(text.slice(position, patch.start), patch.text);
    position = patch.end;
  }
  return [...parts, text.slice(position)].join('');
}

export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** Where the next line starts; an offset that is the start of a line already is its own answer. */
export function nextLine(text: string, offset: number): number {
  if (offset > 0 && text[offset - 1] === '\n') return offset;
  const end = text.indexOf('\n', offset);
  return end === -1 ? text.length : end + 1;
}
