/** A fleet: how soon a change is everywhere, what an instance costs at rest, and how long it takes to start. */
import { loadavg } from 'node:os';
import { measureRelay, READERS } from '../fleet/one-relay.js';
import { KINDS } from '../fleet/scene.js';
import { startPostgres, startRedis } from '../fleet/servers.js';
import { measureSpread } from '../fleet/spread.js';
import { addDeafUser } from '../fleet/stores.js';
import { measureStart, measureTraffic } from '../fleet/traffic.js';
import { ms, number } from '../report.js';
import { median, quantile } from '../rounds.js';

/** At most how long for 99 of 100 changes, in milliseconds. */
const AIMS = { redis: 25, postgres: 50, http: 100, relay: 100 };
/** How often an instance asks that is told nothing, in milliseconds: the stores' defaults. */
const POLLS = { redis: 1_000, postgres: 1_000, http: 3_000 };

const PUSHED = { changes: 500, gapMs: 20, push: true };
const POLLED = { changes: 6, gapMs: 3_000, push: false };

export async function measure() {
  const servers = { redis: await startRedis(), postgres: await startPostgres() };
  const kinds = Object.keys(KINDS).filter((kind) => isThere(KINDS[kind].server, servers));
  const direct = kinds.filter((kind) => kind in POLLS);
  try {
    if (servers.redis !== undefined) await addDeafUser(servers.redis.url);
    const results = [];
    // What is timed has the machine to itself; what is counted doesn't need it.
    for (const kind of kinds) results.push(await spread(kind, servers));
    if (kinds.includes('relay')) results.push(await oneRelay(servers));
    for (const kind of direct) results.push(await startUp(kind, servers));
    const waited = await Promise.all([
      ...direct.map((kind) => polled(kind, servers)),
      ...direct.map((kind) => traffic(kind, servers)),
    ]);
    return [...results, ...waited.flat()];
  } finally {
    for (const server of Object.values(servers)) await server?.stop();
  }
}

const isThere = (server, servers) => server === undefined || servers[server] !== undefined;

/** The machine's, beside figures that it matters for. */
const load = () => `load average ${number(loadavg()[0])}`;

async function spread(kind, servers) {
  const delays = await measureSpread(kind, servers, PUSHED);
  const most = quantile(delays, 0.99);
  return {
    what: `fleet, ${KINDS[kind].title}: from \`update\` to the last of 8 processes, ${PUSHED.changes} changes, p50 / p99`,
    halyard: `${ms(median(delays))} / ${ms(most)}`,
    against: load(),
    aim: `p99 ≤ ${AIMS[kind]} ms`,
    met: most <= AIMS[kind],
    figures: { delays },
  };
}

async function polled(kind, servers) {
  const delays = await measureSpread(kind, servers, POLLED);
  return {
    what: `fleet, ${KINDS[kind].title}: the same without push, ${POLLED.changes} changes, p50 / longest`,
    halyard: `${ms(median(delays))} / ${ms(Math.max(...delays))}`,
    against: `it asks every ${POLLS[kind]} ms, give or take a tenth`,
    figures: { delays },
  };
}

async function oneRelay(servers) {
  const { delays, cpuMsPerChange, readersCpuMsPerChange, kibPerReader } = await measureRelay(servers);
  return {
    what: `fleet, one relay on PostgreSQL with ${READERS} readers: from \`update\` to the last of them, p50 / longest`,
    halyard: `${ms(median(delays))} / ${ms(Math.max(...delays))}`,
    against: `CPU a change: relay ${ms(cpuMsPerChange)}, all readers ${ms(readersCpuMsPerChange)}; ${number(kibPerReader)} KiB a reader; ${load()}`,
    figures: { delays, cpuMsPerChange, readersCpuMsPerChange, kibPerReader },
  };
}

async function startUp(kind, servers) {
  const durations = await measureStart(kind, servers);
  return {
    what: `fleet, ${KINDS[kind].title}: a new process until it is ready, 10,000 flags`,
    halyard: ms(median(durations)),
    against: load(),
    figures: { durations },
  };
}

async function traffic(kind, servers) {
  const { bytes, firstLoad, withReports, atRest, ofChanges, connections } = await measureTraffic(kind, servers);
  const hourly = ({ received, sent, questions }) =>
    `${size(60 * received)} received, ${size(60 * sent)} sent, ${60 * questions} questions`;
  const changed = (name) => median(ofChanges.map((counts) => counts[name]));
  return [
    {
      what: `fleet, ${KINDS[kind].title}: an instance at rest, an hour`,
      halyard: hourly(withReports),
      against: `without its reports ${hourly(atRest)}; ${connections} connections`,
      figures: { withReports, atRest },
    },
    {
      what: `fleet, ${KINDS[kind].title}: one changed flag of 10,000`,
      halyard: `${size(changed('received'))} received, ${size(changed('sent'))} sent`,
      against: `the document has ${size(bytes)}, the first load ${size(firstLoad)}`,
      figures: { ofChanges },
    },
  ];
}

/** Bytes, to read. */
function size(bytes) {
  if (bytes < 1_000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${number(bytes / 1_000)} KB` : `${number(bytes / 1_000_000)} MB`;
}
