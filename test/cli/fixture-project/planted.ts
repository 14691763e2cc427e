import type { ReadKind } from '../../../src/source/flag-read.js';

/** A read that the generator wrote down, and where. */
export interface PlantedRead {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly kind: ReadKind;
  /** `undefined`: it is computed. */
  readonly key: string | undefined;
  /** The flags in whose branches it stands. */
  readonly inside: readonly string[];
}

/** `«boolean a»` or `«boolean a < b, c»` stands before what reads `a`, inside branches of `b` and `c`. `?` is a computed key. */
const mark = /«(?<kind>\w+) (?<key>[^\s»]+)(?: < (?<inside>[^»]+))?»/g;

/** Takes the marks out of a text, and tells where they stood. */
export function planted(
  file: string,
  marked: string,
): { readonly text: string; readonly reads: readonly PlantedRead[] } {
  const reads: PlantedRead[] = [];
  let text = '';
  let from = 0;
  for (const match of marked.matchAll(mark)) {
    text += marked.slice(from, match.index);
    from = match.index + match[0].length;
    const lines = text.split('\n');
    const { kind, key, inside } = match.groups as { kind: ReadKind; key: string; inside?: string };
    reads.push({
      file,
      line: lines.length,
      column: lines.at(-1)!.length + 1,
      kind,
      key: key === '?' ? undefined : key,
      inside: inside?.split(', ') ?? [],
    });
  }
  return { text: text + marked.slice(from), reads };
}
