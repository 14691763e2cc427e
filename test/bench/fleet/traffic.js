/** What an instance sends and receives: while nothing changes, and for one changed flag. Counted by a proxy before it. */
import { setTimeout as wait } from 'node:timers/promises';
import { between, startProxy } from './counting-proxy.js';
import { KINDS, withScene } from './scene.js';

const FLAGS = 10_000;
const SETTLED_MS = 3_000;
const REST_MS = 60_000;
const CHANGES = 5;

/** @returns the traffic of a minute of rest, with reports to the fleet and without, and of one change, and the document's size */
export function measureTraffic(kind, servers) {
  const { instance } = KINDS[kind];
  return withScene(kind, servers, FLAGS, async ({ url, bytes, change, follow }) => {
    const proxies = [await startProxy(instance, url), await startProxy(instance, url)];
    try {
      const [reporting, silent] = proxies;
      await follow({ url: reporting.url });
      const follower = await follow({ url: silent.url }, { fleet: false });
      const start = silent.read();
      await wait(SETTLED_MS);
      const before = proxies.map((proxy) => proxy.read());
      await wait(REST_MS);
      const [withReports, atRest] = proxies.map((proxy, index) => between(before[index], proxy.read()));
      const ofChanges = [];
      for (let edition = 1; edition <= CHANGES; edition += 1) {
        const beforeChange = silent.read();
        const seen = follower.saw(edition);
        await change(edition);
        await seen;
        // The end of what brought it.
        await wait(50);
        ofChanges.push(between(beforeChange, silent.read()));
      }
      return { bytes, firstLoad: start.received, withReports, atRest, ofChanges, connections: start.connections };
    } finally {
      for (const proxy of proxies) proxy.close();
    }
  });
}

const STARTS = 3;

/** How long a new process takes until it is ready, and how much it receives, in milliseconds and bytes. */
export function measureStart(kind, servers) {
  return withScene(kind, servers, FLAGS, async ({ follow }) => {
    const durations = [];
    for (let round = 0; round < STARTS; round += 1) {
      const instance = await follow();
      durations.push(instance.readyMs);
      instance.child.kill();
    }
    return durations;
  });
}
