/** A reload after one flag of many has changed, compared with the first load. */
import assert from 'node:assert/strict';
import { flagDocument } from '../flag.js';
import { createHalyard } from '../halyard.js';
import { ms, number } from '../report.js';
import { median, timed } from '../rounds.js';

const FLAGS = 10_000;
const ROUNDS = 12;
const CHANGED = 'flag-5000';

export async function measure() {
  const first = [];
  const again = [];
  const nothing = [];
  // One that is in use keeps alive what V8 knows about its objects, so that the first load isn't a cold one.
  const inUse = await createHalyard({ store: passThroughStore(flagDocument(10)) });
  for (let round = 0; round < ROUNDS; round += 1) {
    const store = passThroughStore(flagDocument(FLAGS));
    let halyard;
    globalThis.gc();
    const loading = await timed(async () => void (halyard = await createHalyard({ store })));
    // As after every reading of a file, not one object is the same as before.
    const edited = flagDocument(FLAGS);
    edited.flags[CHANGED].rollout = 100;
    store.replace(edited);
    globalThis.gc();
    const reloading = await timed(() => halyard.refresh());
    assert.equal(halyard.boolean(CHANGED, false, { targetingKey: 'user-0' }), true);
    // The same document once more: what comparing costs, without any change.
    store.replace(structuredClone(edited));
    globalThis.gc();
    const comparing = await timed(() => halyard.refresh());
    await halyard.close();
    if (round < 2) continue;
    first.push(loading);
    again.push(reloading);
    nothing.push(comparing);
  }
  await inUse.close();
  const ratio = median(again) / median(first);
  return [
    {
      what: `reload ${FLAGS.toLocaleString('en')} flags, one changed`,
      halyard: ms(median(again)),
      against: `first load ${ms(median(first))}`,
      ratio: number(ratio),
      aim: '≤ 0.1',
      met: ratio <= 0.1,
      figures: { first, again, nothing },
    },
  ];
}

/** A store that hands on documents as it is given them, so that nothing but Halyard's own work is measured. */
function passThroughStore(document) {
  let edition = 1;
  return {
    name: 'bench',
    refuses: 'whole',
    load: async () => ({ document, state: { kills: new Map() }, version: `bench:${edition}` }),
    replace(next) {
      document = next;
      edition += 1;
    },
    close: async () => undefined,
  };
}
