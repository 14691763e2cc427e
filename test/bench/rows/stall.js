/** How long requests wait at most while a large file is reloaded. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import { flagDocument } from '../flag.js';
import { createHalyard, fileStore } from '../halyard.js';
import { ms, times } from '../report.js';
import { median, timed } from '../rounds.js';

const FLAGS = 10_000;
const ROUNDS = 6;
const IDLE_MS = 500;

export async function measure() {
  const folder = mkdtempSync(join(tmpdir(), 'halyard-bench-'));
  try {
    return await measureIn(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measureIn(folder) {
  const file = join(folder, 'flags.yaml');
  const document = flagDocument(FLAGS);
  writeFileSync(file, stringify(document));
  // What is waited for is `refresh`, not the watcher.
  const halyard = await createHalyard({ store: fileStore(file), watch: false });
  const stalls = [];
  const idle = [];
  const reloads = [];
  const parsing = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    document.flags['flag-7'].rollout = round + 1;
    const text = stringify(document);
    writeFileSync(file, text);
    globalThis.gc();
    reloads.push(await longestStall(stalls, () => timed(() => halyard.refresh())));
    // What the machine itself adds.
    await longestStall(idle, () => wait(IDLE_MS));
    if (round < 2) parsing.push(await timed(() => void parse(readFileSync(file, 'utf8'))));
  }
  await halyard.close();
  return [
    {
      what: `longest stall while ${FLAGS.toLocaleString('en')} flags of YAML are reloaded`,
      halyard: `${ms(median(stalls))} in a reload of ${ms(median(reloads))}`,
      against: `yaml.parse here ${ms(median(parsing))}; idle ${ms(median(idle))}`,
      ratio: `${times(median(parsing) / median(stalls))} shorter`,
      aim: '< 50 ms',
      met: median(stalls) < 50,
      figures: { stalls, idle, reloads, parsing },
    },
  ];
}

/** Adds to `stalls` for how long, in milliseconds, a timer of 1 ms was kept waiting at most. */
async function longestStall(stalls, task) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await wait(5);
  delay.reset();
  const result = await task();
  await wait(5);
  delay.disable();
  stalls.push(delay.max / 1e6);
  return result;
}
