/** A part of a text that becomes another. */
export interface Edit {
  /** Offsets in UTF-16 code units; `end` is the first that stays. Equal: text is inserted. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** @param edits in the order of the text, none over another */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = '';
  let at = 0;
  for (const { start, end, text: replacement } of edits) {
    result += text.slice(at, start) + replacement;
    at = end;
  }
  return result + text.slice(at);
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Edits that are being collected. They may overlap: what is removed takes what was changed in it along. */
export class EditDraft {
  readonly text: string;
  readonly #removed: Range[] = [];
  readonly #replaced: Edit[] = [];
  readonly #outdented: (Range & { readonly by: number })[] = [];
  /** Where spaces at the start of a line mean something: in template literals. */
  readonly #verbatim: readonly Range[];

  constructor(text: string, verbatim: readonly Range[]) {
    this.text = text;
    this.#verbatim = verbatim;
  }

  remove(start: number, end: number): void {
    if (start < end) this.#removed.push({ start, end });
  }

  replace(start: number, end: number, text: string): void {
    this.#replaced.push({ start, end, text });
  }

  /** Moves the lines that begin in a range to the left by so many characters. */
  outdent(start: number, end: number, by: number): void {
    if (by > 0) this.#outdented.push({ start, end, by });
  }

  /** Whether a part of the text is removed, or replaced. */
  isGone({ start, end }: Range): boolean {
    const isIn = (range: Range): boolean => range.start <= start && end <= range.end;
    return this.#removed.some(isIn) || this.#replaced.some(isIn);
  }

  /** All edits in the order of the text, none over another. */
  finish(): readonly Edit[] {
    const removed = tidied(this.text, merged(this.text, this.#removed));
    const outer = this.#replaced.filter((edit) => !removed.some((range) => covers(range, edit)));
    const outdents = this.#lineOutdents().filter((edit) => !removed.some((range) => overlaps(range, edit)));
    return [...removed.map((range) => ({ ...range, text: '' })), ...outer, ...outdents].toSorted(
      (a, b) => a.start - b.start || a.end - b.end,
    );
  }

  /** How far each line moves, where nothing else happens to its spaces. */
  #lineOutdents(): readonly Edit[] {
    const edits: Edit[] = [];
    for (const [start, spaces] of lineStarts(this.text)) {
      const moving = this.#outdented.filter((range) => range.start < start && start < range.end);
      const by = Math.min(
        spaces,
        moving.reduce((sum, each) => sum + each.by, 0),
      );
      const isVerbatim = this.#verbatim.some((range) => range.start < start && start <= range.end);
      if (by > 0 && !isVerbatim) edits.push({ start, end: start + by, text: '' });
    }
    return edits;
  }
}

/** What is inserted at an end of what goes stays. */
const covers = (outer: Range, inner: Range): boolean =>
  inner.start === inner.end
    ? outer.start < inner.start && inner.end < outer.end
    : outer.start <= inner.start && inner.end <= outer.end;
const overlaps = (a: Range, b: Range): boolean => a.start < b.end && b.start < a.end;

/** Where each line starts, and with how many spaces or tabs. */
function* lineStarts(text: string): Iterable<readonly [start: number, spaces: number]> {
  const pattern = /(?<=^|\n)[ \t]*/g;
  for (const match of text.matchAll(pattern)) yield [match.index, match[0].length];
}

/** Ranges in the order of the text, joined where nothing but space is between whole lines of them. */
function merged(text: string, ranges: readonly Range[]): readonly Range[] {
  const result: Range[] = [];
  for (const range of ranges.toSorted((a, b) => a.start - b.start)) {
    const last = result.at(-1);
    const isNear = last !== undefined && (range.start < last.end || isOnlyBlank(text, last, range));
    if (isNear) result[result.length - 1] = { start: last.start, end: Math.max(last.end, range.end) };
    else result.push(range);
  }
  return result;
}

function isOnlyBlank(text: string, a: Range, b: Range): boolean {
  return isWholeLines(text, a) && isWholeLines(text, b) && text.slice(a.end, b.start).trim() === '';
}

function isWholeLines(text: string, { start, end }: Range): boolean {
  return (start === 0 || text[start - 1] === '\n') && (end === text.length || text[end - 1] === '\n');
}

/** Where whole lines go, one of the blank lines around them goes, and none stays at the start or end of a block. */
function tidied(text: string, ranges: readonly Range[]): readonly Range[] {
  return ranges.map((range) => {
    if (!isWholeLines(text, range)) return range;
    const before = text.slice(0, range.start);
    const after = text.slice(range.end);
    const blankAfter = /^(?:[ \t]*\r?\n)+/.exec(after)?.[0].length ?? 0;
    const isAfterBlank = /(?:^|\n)[ \t]*\r?\n$/.test(before);
    const isAtStart = before.trim() === '' || /[{[(]\s*$/.test(before);
    if (blankAfter > 0 && (isAfterBlank || isAtStart)) return { ...range, end: range.end + blankAfter };
    const isAtEnd = after.trim() === '' || /^[ \t]*[}\])]/.test(after);
    const blankBefore = isAfterBlank && isAtEnd ? (/(?:(?<=\n)[ \t]*\r?\n)+$/.exec(before)?.[0].length ?? 0) : 0;
    return { ...range, start: range.start - blankBefore };
  });
}
