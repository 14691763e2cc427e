/** `retained-heap.js CONTESTANT COUNT [file]` sends how many bytes of heap so many loaded flags retain, all told. */
import '../loopback-only.js';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { stringify } from 'yaml';
import { contestants } from '../contestants/contestant.js';
import { flagDocument } from '../flag.js';
import { createHalyard, fileStore } from '../halyard.js';

const [wanted, count, source] = process.argv.slice(2);

/** Code, caches and shapes exist once a few flags were loaded and evaluated. What is loaded stays reachable. */
const held = [await load(10)];
const before = await settledHeap();
held.push(await load(Number(count)));
const after = await settledHeap();
process.send(after - before);

async function load(flags) {
  if (source === 'file') return await loadFile(flags);
  const { write, load: start } = contestants.find(({ name }) => name === wanted);
  return await start(write(flags));
}

async function loadFile(flags) {
  const folder = mkdtempSync(join(tmpdir(), 'halyard-bench-'));
  const file = join(folder, 'flags.yaml');
  writeFileSync(file, stringify(flagDocument(flags)));
  const halyard = await createHalyard({ store: fileStore(file), watch: false, startTimeoutMs: 50_000 });
  rmSync(folder, { recursive: true });
  return halyard;
}

async function settledHeap() {
  for (let turn = 0; turn < 6; turn += 1) {
    globalThis.gc();
    await wait(30);
  }
  return process.memoryUsage().heapUsed;
}
