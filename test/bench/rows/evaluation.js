/** One evaluation of the flag, in nanoseconds. Before that, that each contestant evaluates it at all. */
import assert from 'node:assert/strict';
import * as halyard from '../contestants/halyard.js';
import * as handWritten from '../contestants/hand-written.js';
import { peers } from '../contestants/contestant.js';
import { FLAG, matchesRule, units } from '../flag.js';
import { compared, ns, times } from '../report.js';
import { median, repetitionsFor, takeTurns } from '../rounds.js';

const SLICE_MS = 4;
const ROUNDS = 60;

export async function measure() {
  const field = [];
  for (const entry of [handWritten, halyard, ...peers]) {
    const contestant = await entry.load(entry.write?.(1));
    const contexts = units.map(contestant.contextOf);
    await assertEvaluates(entry.name, contestant, contexts);
    field.push({ name: entry.name, contestant, sweep: () => contestant.sweep(contexts), sweeps: 0 });
  }

  for (const entrant of field) entrant.repetitions = await repetitionsFor(entrant.sweep, SLICE_MS);
  const tasks = field.map(({ name, sweep, repetitions }) => [name, repeat(sweep, repetitions)]);
  const durations = await takeTurns(Object.fromEntries(tasks), { rounds: ROUNDS });
  await assertCounted(field.find(({ name }) => name === halyard.name).contestant);
  for (const { contestant } of field) await contestant.close();

  const nanoseconds = Object.fromEntries(
    field.map(({ name, repetitions }) => [name, (median(durations[name]) * 1e6) / (repetitions * units.length)]),
  );
  return describe(nanoseconds);
}

/** Units of the rule are on; of the others about 10 %. */
async function assertEvaluates(name, contestant, contexts) {
  let others = 0;
  let othersOn = 0;
  let on = 0;
  for (const [index, unit] of units.entries()) {
    const isOn = await contestant.isOn(FLAG, contexts[index]);
    if (isOn) on += 1;
    if (matchesRule(unit)) assert.equal(isOn, true, `${name} is off for ${unit.id}, whom the rule matches`);
    else {
      others += 1;
      if (isOn) othersOn += 1;
    }
  }
  const share = (100 * othersOn) / others;
  assert.ok(share > 6 && share < 14, `${name} is on for ${share} % of the units outside the rule`);
  assert.equal(await contestant.sweep(contexts), on, `${name} counts other answers than it gives`);
  console.error(`  ${name} is on for all of the rule's units, and for ${share.toFixed(1)} % of the others`);
}

/** Counting isn't left out: the registry tells of every evaluation. */
async function assertCounted({ counted, sweep, contextOf }) {
  const before = await counted();
  sweep(units.map(contextOf));
  assert.equal((await counted()) - before, units.length);
}

/** The loop is asynchronous only where the sweep is. */
function repeat(sweep, repetitions) {
  return () => {
    for (let done = 1; done <= repetitions; done += 1) {
      const result = sweep();
      if (typeof result?.then === 'function') return continueAfter(result, sweep, repetitions - done);
    }
    return undefined;
  };
}

async function continueAfter(first, sweep, remaining) {
  await first;
  for (let left = remaining; left > 0; left -= 1) await sweep();
}

function describe(nanoseconds) {
  const own = nanoseconds[halyard.name];
  const floor = nanoseconds[handWritten.name];
  const all = peers.map(({ name }) => ({ name, time: nanoseconds[name] })).sort((a, b) => a.time - b.time);
  const [fastest] = all;
  return [
    {
      what: 'boolean(), counted',
      halyard: ns(own),
      against: `${handWritten.name} ${ns(floor)}`,
      ratio: times(own / floor),
      aim: '≤ 3 ×',
      met: own / floor <= 3,
      figures: { nanoseconds },
    },
    ...all.map(({ name, time }) => ({
      what: 'boolean(), counted',
      halyard: ns(own),
      against: `${name} ${ns(time)}`,
      ratio: compared(own, time),
      ...(name === fastest.name && { aim: '≥ 5 × faster', met: time / own >= 5 }),
    })),
  ];
}
