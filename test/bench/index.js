/** The benchmark: `npm run bench -- [--only NAME] [--json FILE]`. It measures and never fails; README.md tells how to read it. */
import './loopback-only.js';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { formatTable, machine } from './report.js';

const rows = [
  'evaluation',
  'openfeature',
  'load',
  'reload',
  'stall',
  'memory',
  'express',
  'koa',
  'nestjs',
  'edit',
  'ofrep',
  'fleet',
];

const { values: options } = parseArgs({
  options: { only: { type: 'string', multiple: true }, json: { type: 'string' } },
});
const unknown = options.only?.find((name) => !rows.includes(name));
if (unknown !== undefined) throw new Error(`--only ${unknown}: there is no such row. There are ${rows.join(', ')}.`);
if (globalThis.gc === undefined) throw new Error('Run node with --expose-gc.');

/** @type {import('./report.js').Result[]} */
const results = [];
for (const name of options.only ?? rows) {
  console.error(`${name} …`);
  const { measure } = await import(`./rows/${name}.js`);
  results.push(...(await measure()));
}

const { cpu, cores, node, date } = machine();
console.log(`\n${cpu}, ${cores} cores · Node ${node} · ${date}\n\n${formatTable(results)}`);
if (options.json !== undefined)
  writeFileSync(options.json, `${JSON.stringify({ machine: machine(), results }, undefined, 2)}\n`);
// What a contestant left running must not keep the process.
process.exit(0);
