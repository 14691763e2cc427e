/** From `update` resolving in the process that writes to the last of the processes that answer with the new value. */
import { setTimeout as wait } from 'node:timers/promises';
import { withScene } from './scene.js';

const INSTANCES = 8;
const FLAGS = 100;
const WARM_UP = 20;

/**
 * @param {{ changes: number, gapMs: number, push: boolean }} options changes come at random moments, up to `gapMs` apart
 * @returns {Promise<readonly number[]>} milliseconds, one for each change
 */
export function measureSpread(kind, servers, { changes, gapMs, push }) {
  return withScene(kind, servers, FLAGS, async ({ change, follow }) => {
    const instances = await Promise.all(Array.from({ length: INSTANCES }, () => follow({ push })));
    const warmUp = push ? WARM_UP : 1;
    const delays = [];
    for (let edition = 1; edition <= warmUp + changes; edition += 1) {
      await wait(Math.random() * gapMs);
      const seen = Promise.all(instances.map((instance) => instance.saw(edition)));
      const start = await change(edition);
      const last = Math.max(...(await seen));
      if (edition > warmUp) delays.push(last - start);
    }
    return delays;
  });
}
