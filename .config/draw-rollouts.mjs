/** Draws docs/watched-rollouts.svg from what the simulations recorded: `node .config/draw-rollouts.mjs`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const read = (group) => JSON.parse(readFileSync(join(root, `test/simulation/recorded/${group}.json`), 'utf8'));

const WIDTH = 800;
const HEIGHT = 330;
const TOP = 64;
const BOTTOM = 272;

const y = (share) => BOTTOM - share * (BOTTOM - TOP);
const round = (value) => Math.round(value * 10) / 10;
const text = (x, height, words, more = '') => `<text x="${round(x)}" y="${round(height)}"${more}>${words}</text>`;
const line = (x1, y1, x2, y2, kind) =>
  `<line class="${kind}" x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}"/>`;
const middle = ' text-anchor="middle"';
const end = ' text-anchor="end"';

/** Readable on a light page and on a dark one. */
const style = `
text { font: 12px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600; font-size: 13px }
.grid { stroke: #1f2328; stroke-opacity: .15 }
.limit { stroke: #b35900; stroke-dasharray: 5 4; stroke-width: 1.5 }
.by-hand { fill: #8c959f }
.ours { fill: #0969da }
.curve { fill: none; stroke: #0969da; stroke-width: 2 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .grid { stroke: #e6edf3 }
  .limit { stroke: #f0883e }
  .by-hand { fill: #8b949e }
  .ours { fill: #58a6ff }
  .curve { stroke: #58a6ff }
}`;

/** @returns the picture as SVG */
export function drawRollouts() {
  const label = 'Left: how many harmless rollouts are rolled back within a week. Right: how soon harmful ones are.';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">`,
    `<style>${style}\n</style>`,
    ...drawFalseAlarms(50, 370),
    ...drawDetection(450, 780),
    '</svg>\n',
  ].join('\n');
}

function drawAxis(left, right) {
  return [0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
    line(left, y(share), right, y(share), 'grid'),
    text(left - 8, y(share) + 4, `${share * 100} %`, end),
  ]);
}

function drawFalseAlarms(left, right) {
  const byHand = read('threshold-harmless');
  const rates = [0.001, 0.01, 0.05, 0.2];
  const step = (right - left) / rates.length;
  const bar = (x, share, kind) =>
    `<rect class="${kind}" x="${round(x)}" y="${round(y(share))}" width="26" height="${round(y(0) - y(share))}"/>` +
    text(x + 13, Math.min(y(share), y(0.05)) - 5, `${round(share * 100)}`, middle);
  return [
    text(left, 18, 'Harmless rollouts rolled back in a week', ' class="title"'),
    `<rect class="by-hand" x="${left}" y="28" width="10" height="10"/>`,
    text(left + 15, 38, 'limit 25 % above the true rate'),
    `<rect class="ours" x="${left + 245}" y="28" width="10" height="10"/>`,
    text(left + 260, 38, 'Halyard'),
    ...drawAxis(left, right),
    ...rates.flatMap((rate, index) => {
      const name = `${rate * 100} %, units alike`;
      const center = left + (index + 0.5) * step;
      return [
        bar(center - 28, byHand[name], 'by-hand'),
        bar(center + 2, read(`harmless-${rate}`)[name].rolledBack, 'ours'),
        text(center, BOTTOM + 18, `${rate * 100} %`, middle),
      ];
    }),
    line(left, y(0.05), right, y(0.05), 'limit'),
    text((left + right) / 2, BOTTOM + 38, 'errors of the service, with and without the change', middle),
  ];
}

function drawDetection(left, right) {
  const harmful = read('harmful');
  const most = 90;
  const x = (minutes) => left + (Math.min(minutes, most) / most) * (right - left);
  const curve = (percent, height) => {
    const { minutes, rolledBack } = harmful[`1 % to ${percent} %, units alike`];
    const points = minutes.map((minute, index) => `${round(x(minute))},${round(y((index / 20) * rolledBack))}`);
    return [
      `<polyline class="curve" points="${points.join(' ')}"/>`,
      text(x(minutes[Math.round(height * 20)]) + 6, y(height * rolledBack) + 4, `${percent} %`),
    ];
  };
  return [
    text(left, 18, 'Harmful rollouts rolled back, by minute', ' class="title"'),
    text(left, 38, 'from 1 % errors to 1.5, 2, 3, 5 %; 100 requests/s'),
    ...drawAxis(left, right),
    ...[0, 30, 60, 90].map((minute) => text(x(minute), BOTTOM + 18, `${minute}`, middle)),
    line(x(60), TOP, x(60), BOTTOM, 'limit'),
    text(x(30), BOTTOM + 38, '1 % of units in', middle),
    text(x(75), BOTTOM + 38, '10 %', middle),
    ...curve(5, 0.9),
    ...curve(3, 0.75),
    ...curve(2, 0.6),
    ...curve(1.5, 0.45),
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(join(root, 'docs/watched-rollouts.svg'), drawRollouts());
}
