/** How results are written down. */
import { cpus } from 'node:os';

/**
 * @typedef {object} Result
 * @property {string} what
 * @property {string} halyard
 * @property {string} against what it is compared with
 * @property {string} [ratio]
 * @property {string} [aim]
 * @property {boolean} [met] absent where there is no aim
 * @property {unknown} [figures] for `--json`
 */

const HEADINGS = ['what', 'Halyard', 'floor / peers', 'ratio', 'aim', ''];

export function machine() {
  const [cpu] = cpus();
  return {
    cpu: cpu?.model ?? 'unknown',
    cores: cpus().length,
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
  };
}

/** @param {readonly Result[]} results */
export function formatTable(results) {
  const rows = results.map(({ what, halyard, against, ratio = '', aim = '', met }) => [
    what,
    halyard,
    against,
    ratio,
    aim,
    met === undefined ? '' : met ? '✓' : '✗',
  ]);
  const widths = HEADINGS.map((heading, column) =>
    Math.max(...[heading, ...rows.map((row) => row[column])].map(({ length }) => length)),
  );
  const line = (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  return [line(HEADINGS), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** Three digits that count. */
export const number = (value) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
export const ns = (value) => (value >= 10_000 ? `${number(value / 1_000)} µs` : `${number(value)} ns`);
export const ms = (value) => `${number(value)} ms`;
export const times = (value) => `${number(value)} ×`;

/** How a duration stands to another's. */
export const compared = (own, theirs) =>
  own <= theirs ? `${times(theirs / own)} faster` : `${times(own / theirs)} slower`;
