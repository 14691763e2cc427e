/** What ten flags per request cost a service: requests per second, and processor time per request. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get } from 'node:http';
import { answerOf, startChild } from './children/measure-in-child.js';
import { ALONE, BARE, HALYARD, WITHOUT_TRANSACTION } from './children/ten-answers.js';
import { FLAG, matchesRule, units } from './flag.js';
import { number } from './report.js';
import { median } from './rounds.js';

const ROUNDS = 24;
const WARM_UP_ROUNDS = 3;
const ROUND_MS = 400;

/**
 * @typedef {object} FrameworkServices
 * @property {string} framework
 * @property {string} app a file of `children/` without `.js`; it exports `createApp(name)`
 * @property {readonly string[]} names the services that it can create: those of ten-answers.js, and others
 * @property {Readonly<Record<string, number>>} aims the least share of the bare service's requests per second, by service
 */

/** @param {FrameworkServices} what @returns {Promise<import('./report.js').Result[]>} */
export async function measureFramework({ framework, app, names, aims }) {
  const client = startChild('request-load.js', []);
  const servers = await Promise.all(names.map((name) => startServer(app, name)));
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
  return describe(framework, servers, aims);
}

async function startServer(app, name) {
  const child = startChild('serve.js', [app, name]);
  const { port } = await answerOf(child);
  return { name, child, port, perSecond: [], microseconds: [] };
}

/** Each service answers with real flags, or with none. */
async function assertServes({ name, port }) {
  const answers = [];
  for (const [index] of units.entries()) answers.push(JSON.parse(await answerTo(index, port)));
  const on = answers.filter((answer) => answer[FLAG] === true).length;
  const targeted = units.filter(matchesRule).length;
  if (name === BARE || name === ALONE) assert.equal(on, 0);
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

/** Each of Halyard's services against the bare one, and the first against all others. */
function describe(framework, servers, aims) {
  const of = (wanted) => servers.find(({ name }) => name === wanted);
  const others = servers.filter(({ name }) => ![BARE, HALYARD, WITHOUT_TRANSACTION].includes(name));
  const pairs = [
    [of(HALYARD), of(BARE)],
    [of(WITHOUT_TRANSACTION), of(BARE)],
    ...others.map((other) => [of(HALYARD), other]),
  ];
  return pairs.map(([own, other]) => compare(framework, own, other, other.name === BARE ? aims[own.name] : undefined));
}

function compare(framework, own, other, aim) {
  // Round by round, so that what slowed one down at the time slowed down the other.
  const ratio = median(own.perSecond.map((value, round) => value / other.perSecond[round]));
  const more = median(own.microseconds) - median(other.microseconds);
  const variant = own.name.slice(HALYARD.length);
  return {
    what: `${framework}, 10 flags per request, requests / s (CPU per request)${variant}`,
    halyard: speedOf(own),
    against: `${other.name === BARE ? `bare ${framework}` : other.name} ${speedOf(other)}`,
    ratio: `${ratio.toFixed(3)} (${more > 0 ? '+' : '−'} ${number(Math.abs(more))} µs)`,
    ...(aim !== undefined && { aim: `≥ ${aim}`, met: ratio >= aim }),
    figures: {
      name: other.name,
      ratio,
      own: own.perSecond,
      theirs: other.perSecond,
      ownCpu: own.microseconds,
      theirCpu: other.microseconds,
    },
  };
}

const speedOf = ({ perSecond, microseconds }) => `${number(median(perSecond))} (${number(median(microseconds))} µs)`;
