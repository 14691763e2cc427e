/** How many columns of a terminal a text takes: East Asian wide characters and emoji take two, marks none. */
export function widthOf(text: string): number {
  if (isPlain(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += widthOfCluster(segment);
  return width;
}

/** A text of at most `width` columns; one that is cut ends in `…`. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  if (isPlain(text)) return `${text.slice(0, Math.max(0, width - 1))}…`;
  let [kept, used] = ['', 0];
  for (const { segment } of graphemes.segment(text)) {
    used += widthOfCluster(segment);
    if (used > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

const graphemes = new Intl.Segmenter();

/** Nearly all texts, which take a column for each character; to segment them takes a hundred times as long. */
const isPlain = (text: string): boolean => /^[\u0020-\u007e]*$/.test(text);

/** Letters that are written as one, such as those of Indic scripts, take a column each in most terminals. */
function widthOfCluster(cluster: string): number {
  return wide.test(cluster) ? 2 : Array.from(cluster.replaceAll(/[\p{M}\p{Cf}]/gu, '')).length;
}

/** Emoji, and the blocks that are wide by https://www.unicode.org/reports/tr11/ (W and F). */
const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u4dbf\u4e00-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u;
