/**
 * `fleet-readers.js URL COUNT` has so many readers of a serving side in one process: stores that follow and load, without
 * what a Halyard compiles of it. Each reports the version that it has, as Halyards do. It sends `'open'` when all of them
 * listen; asked to wait, when the last had the change.
 */
import '../loopback-only.js';
import { once } from 'node:events';
import { now, openStore } from '../fleet/stores.js';

const AT_ONCE = 50;
const LIFE_MS = 60_000;
const [url, count] = process.argv.slice(2);
// Reports run in the background.
process.channel.ref();
const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};
let arrived = 0;
let onAll = () => undefined;

async function follow(id) {
  const store = await openStore('http', { url });
  let { version } = await store.load();
  const report = () => store.fleet.report({ id, host: id, pid: process.pid, startedAt: Date.now(), version }, LIFE_MS);
  await report();
  store.watch(async () => {
    const stored = await store.load();
    if (stored.version === version) return;
    version = stored.version;
    arrived += 1;
    if (arrived === Number(count)) onAll({ at: now(), cpuMs: cpuMs() });
    await report();
  });
}

for (let opened = 0; opened < Number(count); opened += AT_ONCE) {
  const some = Math.min(AT_ONCE, Number(count) - opened);
  await Promise.all(Array.from({ length: some }, (_, index) => follow(`reader-${opened + index}`)));
}
process.on('disconnect', () => process.exit());
process.send('open');
for (;;) {
  await once(process, 'message');
  arrived = 0;
  const all = new Promise((resolve) => (onAll = resolve));
  process.send('waiting');
  process.send(await all);
}
