import { openWritable, type WritableKind } from '../open-store.js';
import type { WriterReport } from '../writer-process.js';

/**
 * One of several processes that change the same flags: each change writes its number into the flag `NAME` and into the
 * kill of `NAME`, in one step. It begins when it is told to, and ends with whoever started it.
 */
const [kind = '', url = '', name = '', first = '1', count = '0'] = process.argv.slice(2);
process.on('disconnect', () => process.exit());

const { store, end } = await openWritable(kind as WritableKind, url);
process.send?.('ready');
await new Promise((resolve) => process.once('message', resolve));

let attempts = 0;
let longestMs = 0;
for (let number = Number(first); number < Number(first) + Number(count); number += 1) {
  const begin = performance.now();
  await store.update(
    (document) => {
      attempts += 1;
      return { ...document, flags: { ...document.flags, [name]: { description: String(number) } } };
    },
    {
      by: name,
      reason: `${name} ${number}`,
      state: ({ kills, ...state }) => ({
        ...state,
        kills: new Map([...kills, [name, { at: 0, by: name, reason: String(number) }]]),
      }),
    },
  );
  longestMs = Math.max(longestMs, performance.now() - begin);
  if (number === Number(first)) process.send?.('made the first');
}
process.send?.({ attempts, longestMs } satisfies WriterReport);
await end();
process.disconnect();
