import { describe, expect, it } from 'vitest';
import { cut, widthOf } from '../../src/cli/output/text-width.js';

describe('how many columns a text takes', () => {
  it.each([
    ['payments-team', 13],
    ['日本語チーム', 12],
    ['「東」、', 8],
    ['ＡＢ', 4],
    ['ﾊﾝｶｸ', 4],
    ['한국', 4],
    ['\u1112\u1161\u11ab', 2],
    ['e\u0301quipe', 6],
    ['ทีมไทย', 5],
    ['हिन्दी', 3],
    ['a\u200bb', 2],
    ['👩‍👩‍👧 family', 9],
    ['🇩🇪', 2],
    ['', 0],
  ])('%s: %i', (text, width) => {
    expect(widthOf(text)).toBe(width);
  });

  it.each([
    ['payments-team', 8, 'payment…'],
    ['日本語チーム', 8, '日本語…'],
    ['e\u0301quipe', 3, 'e\u0301q…'],
    ['payments', 8, 'payments'],
  ])('cuts %s to %i', (text, width, shown) => {
    expect(cut(text, width)).toBe(shown);
  });
});
