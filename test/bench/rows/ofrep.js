/** OFREP: all flags per second on one core, the same where nothing changed, and clients that only listen. */
import assert from 'node:assert/strict';
import { answerOf, startChild } from '../children/measure-in-child.js';
import { number } from '../report.js';
import { median, takeTurns } from '../rounds.js';

const FLAGS = 100;
const ROUNDS = 12;
const ROUND_MS = 500;
const LISTENERS = 10_000;
/** One process may not have files for more. */
const LISTENERS_PER_CHILD = 2_500;
const BULK = '/ofrep/v1/evaluate/flags';

export async function measure() {
  const server = startChild('ofrep-server.js', [`${FLAGS}`]);
  try {
    const { port } = await answerOf(server);
    return [...(await measureRequests(server, port)), ...(await measureListeners(server, port))];
  } finally {
    server.kill();
  }
}

async function measureRequests(server, port) {
  const client = startChild('ofrep-load.js', []);
  const etag = await tagOfAllFlags(port);
  const asked = {
    bulk: { path: BULK },
    known: { path: BULK, etag },
    bare: { path: '/bare' },
    bareKnown: { path: '/bare', etag },
  };
  const figures = Object.fromEntries(Object.keys(asked).map((name) => [name, { perSecond: [], microseconds: [] }]));
  let isMeasured = false;
  const askFor = async (name) => {
    const before = await cpuOf(server);
    const { answers } = await answerOf(client, { port, durationMs: ROUND_MS, ...asked[name] });
    if (!isMeasured) return;
    figures[name].perSecond.push((answers * 1_000) / ROUND_MS);
    figures[name].microseconds.push(((await cpuOf(server)) - before) / answers);
  };
  const tasks = Object.fromEntries(Object.keys(asked).map((name) => [name, () => askFor(name)]));
  try {
    await takeTurns(tasks, { rounds: 1, warmUp: 2 });
    isMeasured = true;
    await takeTurns(tasks, { rounds: ROUNDS, warmUp: 0 });
  } finally {
    client.kill();
  }
  return describeRequests(figures);
}

async function tagOfAllFlags(port) {
  const response = await fetch(`http://127.0.0.1:${port}${BULK}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ context: { targetingKey: 'user-1', country: 'US', plan: 'pro' } }),
  });
  const { flags } = await response.json();
  assert.equal(flags.length, FLAGS);
  assert.ok(flags.every(({ value }) => value === true));
  return response.headers.get('etag');
}

function describeRequests(figures) {
  // Per second of processor time: what one core does, also where other processes want the same core.
  const perCore = ({ microseconds }) => 1_000_000 / median(microseconds);
  const speed = (name) => `${number(perCore(figures[name]))} (${number(median(figures[name].microseconds))} µs)`;
  const ratio = perCore(figures.known) / perCore(figures.bulk);
  // Without what Node's HTTP takes for any request and answer of that size.
  const own = (name, bare) =>
    median(figures[name].microseconds.map((value, round) => value - figures[bare].microseconds[round]));
  const ownRatio = own('bulk', 'bare') / own('known', 'bareKnown');
  return [
    {
      what: `OFREP, ${FLAGS} flags, requests / s of one core (CPU per request)`,
      halyard: speed('bulk'),
      against: `Node with as many bytes ${speed('bare')}`,
      aim: '≥ 5000',
      met: perCore(figures.bulk) >= 5_000,
      figures,
    },
    {
      what: 'OFREP, the same where nothing changed (304)',
      halyard: speed('known'),
      against: `Node with a 304 ${speed('bareKnown')}`,
      ratio: `${number(ratio)} × as fast; ${number(ownRatio)} × without Node’s HTTP`,
      aim: '≥ 3 ×',
      met: ratio >= 3,
    },
  ];
}

async function measureListeners(server, port) {
  const before = await answerOf(server, 'memory');
  const children = Array.from({ length: LISTENERS / LISTENERS_PER_CHILD }, () =>
    startChild('ofrep-listeners.js', [`${LISTENERS_PER_CHILD}`]),
  );
  try {
    for (const child of children) assert.equal(await answerOf(child, { port }), 'open');
    const after = await answerOf(server, 'memory');
    const perClient = (name) => (after[name] - before[name]) / LISTENERS / 1_024;
    const delays = [];
    for (let round = 0; round < 5; round += 1) delays.push(await timeToTell(server, children));
    const slowest = Math.max(...delays);
    return [
      {
        what: `OFREP, ${LISTENERS} listening clients: memory of each, heap (with buffers of Node)`,
        halyard: `${number(perClient('heapUsed'))} KiB (${number(perClient('rss'))} KiB)`,
        against: '',
        figures: { before, after },
      },
      {
        what: `OFREP, until all ${LISTENERS} have heard of a change`,
        halyard: `${number(median(delays))} ms, at most ${number(slowest)} ms`,
        against: '',
        aim: '≤ 2000 ms',
        met: slowest <= 2_000,
        figures: { delays },
      },
    ];
  } finally {
    for (const child of children) child.kill();
  }
}

async function timeToTell(server, children) {
  for (const child of children) assert.equal(await answerOf(child, 'wait'), 'waiting');
  const start = Date.now();
  const all = children.map((child) => answerOf(child));
  await answerOf(server, 'change');
  const heard = await Promise.all(all);
  return Math.max(...heard.map(({ at }) => at)) - start;
}

async function cpuOf(server) {
  const { cpuMicroseconds } = await answerOf(server, 'cpu');
  return cpuMicroseconds;
}
