/** One relay on PostgreSQL with many readers: how soon the last has a change, and what that costs the relay, reports included. */
import { setTimeout as wait } from 'node:timers/promises';
import { answerOf } from '../children/measure-in-child.js';
import { withScene } from './scene.js';

export const READERS = 500;
const FLAGS = 100;
const CHANGES = 20;
const PAUSE_MS = 300;

export function measureRelay(servers) {
  return withScene('relay', servers, FLAGS, async ({ url, relay, change, start }) => {
    const empty = await answerOf(relay, 'cost');
    const readers = start('fleet-readers.js', [url, `${READERS}`]);
    await answerOf(readers);
    const full = await answerOf(relay, 'cost');
    const delays = [];
    const readerCpuMs = [];
    for (let edition = 1; edition <= CHANGES; edition += 1) {
      await answerOf(readers, 'wait');
      const all = answerOf(readers);
      const begin = await change(edition);
      const { at, cpuMs } = await all;
      delays.push(at - begin);
      readerCpuMs.push(cpuMs);
      // Until the readers have told what they serve.
      await wait(PAUSE_MS);
    }
    const after = await answerOf(relay, 'cost');
    return {
      delays,
      readersCpuMsPerChange: (readerCpuMs.at(-1) - readerCpuMs[0]) / (CHANGES - 1),
      cpuMsPerChange: (after.cpuMs - full.cpuMs) / CHANGES,
      kibPerReader: (full.rssBytes - empty.rssBytes) / READERS / 1_024,
    };
  });
}
