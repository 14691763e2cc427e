/** Heap that a loaded flag retains, whatever is kept for it: its definition, what it is compiled to, what it was read from. */
import { measureInChild } from '../children/measure-in-child.js';
import { peers } from '../contestants/contestant.js';
import * as halyard from '../contestants/halyard.js';
import { number, times } from '../report.js';
import { median } from '../rounds.js';

const FLAGS = 10_000;
const PROCESSES = 3;

export async function measure() {
  const fromMemory = await bytesPerFlag(halyard.name);
  const fromFile = await bytesPerFlag(halyard.name, 'file');
  const others = [];
  for (const { name } of peers) others.push({ name, bytes: await bytesPerFlag(name) });
  const own = Math.max(fromMemory, fromFile);
  return others.map(({ name, bytes }, index) => ({
    what: 'heap per flag, from a YAML file / memoryStore',
    halyard: `${kilobytes(fromFile)} / ${kilobytes(fromMemory)}`,
    against: `${name} ${kilobytes(bytes)}`,
    ratio: times(own / bytes),
    ...(index === 0 && { aim: '< 3 kB', met: own < 3_000, figures: { fromMemory, fromFile, others } }),
  }));
}

async function bytesPerFlag(name, source = 'memory') {
  const measured = [];
  for (let run = 0; run < PROCESSES; run += 1) {
    measured.push((await measureInChild('retained-heap.js', [name, `${FLAGS}`, source])) / FLAGS);
  }
  return median(measured);
}

const kilobytes = (bytes) => `${number(bytes / 1_000)} kB`;
