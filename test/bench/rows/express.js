/** What ten flags per request cost an Express service: requests per second, and processor time per request. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get } from 'node:http';
import { services, unitsOn } from '../children/express-app.js';
import { answerOf, startChild } from '../children/measure-in-child.js';
import { matchesRule, units } from '../flag.js';
import { number } from '../report.js';
import { median } from '../rounds.js';

const ROUNDS = 24;
const WARM_UP_ROUNDS = 3;
const ROUND_MS = 400;
const BARE = 'bare Express';
const OWN = 'Halyard';

export async function measure() {
  const client = startChild('request-load.js', []);
  const servers = await Promise.all(Object.keys(services).map(startServer));
  try {
    for (const server of servers) await assertServes(server);
    for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
      for (let turn = 0; turn < servers.length; turn += 1) {
        const server = servers[(turn + Math.abs(round)) % servers.length];
        const { perSecond, microseconds } = await askFor(ROUND_MS, server, client);
        if (round < 0) continue;
        server.perSecond.push(perSecond);
        server.microseconds.push(microseconds);
      }
    }
  } finally {
    for (const child of [client, ...servers.map(({ child }) => child)]) child.kill();
  }
  return describe(servers);
}

async function startServer(name) {
  const child = startChild('serve.js', [name]);
  const { port } = await answerOf(child);
  return { name, child, port, perSecond: [], microseconds: [] };
}

/** Each service answers with real flags, or with none. */
async function assertServes({ name, port }) {
  const answers = [];
  for (const [index] of units.entries()) answers.push(await answerTo(index, port));
  const on = unitsOn(answers);
  const targeted = units.filter(matchesRule).length;
  if (name === BARE || name === 'AsyncLocalStorage alone') assert.equal(on, 0);
  else assert.ok(on > targeted && on < 2 * targeted, `${name}: the flag is on for ${on} of ${units.length} units`);
}

async function answerTo(unit, port) {
  const [response] = await once(get({ port, host: '127.0.0.1', headers: { 'x-unit': `${unit}` } }), 'response');
  return (await response.setEncoding('utf8').toArray()).join('');
}

async function askFor(durationMs, { child, port }, client) {
  const before = await cpuOf(child);
  const { answers } = await answerOf(client, { port, durationMs });
  const microseconds = ((await cpuOf(child)) - before) / answers;
  return { perSecond: (answers * 1_000) / durationMs, microseconds };
}

async function cpuOf(child) {
  const { cpuMicroseconds } = await answerOf(child, 'cpu');
  return cpuMicroseconds;
}

function describe(servers) {
  const of = (wanted) => servers.find(({ name }) => name === wanted);
  const own = of(OWN);
  return servers
    .filter((server) => server !== own)
    .map((server) => {
      // Round by round, so that what slowed one down at the time slowed down the other.
      const ratio = median(own.perSecond.map((value, round) => value / server.perSecond[round]));
      const more = median(own.microseconds) - median(server.microseconds);
      return {
        what: 'Express, 10 flags per request, requests / s (CPU per request)',
        halyard: speedOf(own),
        against: `${server.name} ${speedOf(server)}`,
        ratio: `${ratio.toFixed(3)} (${more > 0 ? '+' : '−'} ${number(Math.abs(more))} µs)`,
        ...(server.name === BARE && { aim: '≥ 0.95', met: ratio >= 0.95 }),
        figures: {
          name: server.name,
          ratio,
          own: own.perSecond,
          theirs: server.perSecond,
          ownCpu: own.microseconds,
          theirCpu: server.microseconds,
        },
      };
    });
}

const speedOf = ({ perSecond, microseconds }) => `${number(median(perSecond))} (${number(median(microseconds))} µs)`;
