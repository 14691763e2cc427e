/** From saving the file to the new answer. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createHalyard, fileStore } from '../halyard.js';
import { ms } from '../report.js';
import { quantile } from '../rounds.js';

const EDITS = 200;
const LONGEST_MS = 5_000;

export async function measure() {
  const folder = mkdtempSync(join(tmpdir(), 'halyard-bench-'));
  const file = join(folder, 'flags.yaml');
  writeFileSync(file, documentOf(0));
  const halyard = await createHalyard({ store: fileStore(file), logger: silent });
  const delays = [];
  for (let edition = 1; edition <= EDITS; edition += 1) {
    // Edits come at any moment of the watcher's own rhythm.
    await wait(Math.random() * 30);
    const changed = nextAnswer(halyard, edition);
    const start = performance.now();
    save(file, documentOf(edition), edition);
    await changed;
    delays.push(performance.now() - start);
  }
  await halyard.close();
  rmSync(folder, { recursive: true });
  const [half, most] = [quantile(delays, 0.5), quantile(delays, 0.99)];
  return [
    {
      what: `from saving to the new answer, ${EDITS} edits, p50 / p99`,
      halyard: `${ms(half)} / ${ms(most)}`,
      against: '',
      aim: 'p99 < 250 ms',
      met: most < 250,
      figures: { delays },
    },
  ];
}

const nothing = () => undefined;
const silent = { debug: nothing, info: nothing, warn: nothing, error: console.error };

/** Some editors write the file anew, others put a new one in its place. */
function save(file, text, edition) {
  if (edition % 2 === 0) {
    writeFileSync(file, text);
  } else {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  }
}

function nextAnswer(halyard, edition) {
  return new Promise((resolve, reject) => {
    const timeout = setTimeout(() => reject(new Error(`Edit ${edition} was not noticed.`)), LONGEST_MS);
    const end = halyard.on('change', () => {
      if (halyard.number('edition', 0) !== edition) return;
      clearTimeout(timeout);
      end();
      resolve();
    });
  });
}

/** A file of common size: 100 flags, one of which tells the edition. */
function documentOf(edition) {
  const others = Array.from(
    { length: 99 },
    (_, index) => `  flag-${index}: { rules: [{ when: { country: [US, CA] }, serve: on }], rollout: 10 }\n`,
  );
  return `version: 1\nflags:\n  edition: { variants: { current: ${edition} }, serve: current }\n${others.join('')}`;
}
