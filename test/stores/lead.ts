import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { fileStore } from '../../src/stores/file-store.js';

/**
 * A process that takes a lease, waits for a line, and writes with it; in the midst of which it stands still until the file
 * `gate` is there. Says how far it has come, and what became of the write.
 */
const [path = '', gate = ''] = process.argv.slice(2);
const store = fileStore(path);
const lease = await store.leases!.take('rollouts', 'leader', 200);
console.log('taken');
await once(process.stdin, 'data');
const standStill = (): void => {
  console.log('writing');
  const clock = new Int32Array(new SharedArrayBuffer(4));
  while (!existsSync(gate)) Atomics.wait(clock, 0, 0, 10);
};
const written = store.updateState(
  ({ kills, ...state }) => {
    standStill();
    return { ...state, kills: new Map([...kills, ['by-leader', { at: 0, by: 'leader', reason: 'late' }]]) };
  },
  { by: 'leader', reason: 'late', lease: lease! },
);
console.log(
  await written.then(
    () => 'written',
    (error: unknown) => (error as Error).name,
  ),
);
process.stdin.destroy();
await store.close();
