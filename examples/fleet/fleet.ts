import { randomBytes } from 'node:crypto';
import { createHalyard, FleetNotReachedError } from 'halyard';
import { findServer } from './find-server.js';
import { endService, pay, type Service, startService, whenPaying } from './services.js';
import { openStore } from './store.js';

const flags = `version: 1
flags:
  payments: { kind: operational, owner: payments-team }
`;

// Whoever reads along may stop reading, as `head` does.
process.stdout.on('error', () => undefined);
const interrupted = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
});
const { name, url, stop } = await findServer();
const run = randomBytes(4).toString('hex');
const { store, byHand, end, remove } = await openStore(url, run);
let services: readonly Service[] = [];

const { version } = await store.pushDocument(flags, { by: 'example', reason: 'the first document' });
// This process only gives orders: it is not one of the fleet.
const operator = await createHalyard({ store, fleet: false });
try {
  await Promise.race([story(), interrupted]);
} finally {
  await Promise.all(services.map(endService));
  await operator.close();
  await remove();
  await end();
  await stop();
}
// An interrupted story would go on.
process.exit();

async function story(): Promise<void> {
  const hosts = ['web-1', 'web-2', 'web-3', 'web-4'];
  services = hosts.map((host) => startService(host, url, run));
  const statuses = await Promise.all(services.map(pay));
  console.log(`Four services follow the flags in ${name}.\nPayments are on: ${statuses.join(', ')}`);
  await operator.waitForFleet(version);
  await showFleet();
  await killAndWatch();
  await killWhileOneHangs();
  if (!process.argv.includes('--stay')) {
    console.log('\nTo go on with them yourself: npm run example:fleet -- --stay');
    return;
  }
  console.log(await whatToTry());
  await interrupted;
}

async function killAndWatch(): Promise<void> {
  console.log('\nkill payments, and ask each service without a pause:');
  const answers = services.map((service) => whenPaying(service, 503));
  const start = performance.now();
  await operator.kill('payments', { by: 'operator', reason: 'the provider is down' });
  const resolved = performance.now();
  console.log(`  the kill was stored after ${(resolved - start).toFixed(1)} ms`);
  for (const [index, answer] of answers.entries()) {
    const afterMs = (await answer) - resolved;
    const when = afterMs < 0 ? `${(-afterMs).toFixed(1)} ms before that` : `${afterMs.toFixed(1)} ms after that`;
    console.log(`  ${services[index]?.host ?? ''} answered 503 ${when}`);
  }
  await showFleet();
  await restore();
}

async function killWhileOneHangs(): Promise<void> {
  const hanging = services[2];
  if (hanging === undefined) return;
  console.log(`\n${hanging.host} hangs (SIGSTOP). kill payments, and wait for the fleet:`);
  hanging.process.kill('SIGSTOP');
  const options = { by: 'operator', reason: 'the provider is down', waitForFleet: { timeoutMs: 2_000 } };
  const error = await operator.kill('payments', options).catch((caught: unknown) => caught);
  if (!(error instanceof FleetNotReachedError)) throw new Error('It was not noticed.', { cause: error });
  console.log(`  ${error.name}: ${error.message}`);
  await showFleet();

  console.log(`\n${hanging.host} goes on (SIGCONT):`);
  const start = performance.now();
  hanging.process.kill('SIGCONT');
  await operator.waitForFleet(error.version);
  console.log(`  all services had the kill ${(performance.now() - start).toFixed(1)} ms later`);
  await restore();
}

async function restore(): Promise<void> {
  await operator.restore('payments', { by: 'operator', reason: 'it is up again', waitForFleet: true });
  const statuses = await Promise.all(services.map(pay));
  console.log(`\nrestore payments, and wait for the fleet: all answer ${[...new Set(statuses)].join(', ')}`);
}

async function showFleet(): Promise<void> {
  const rows = (await operator.fleet()).map(({ host, pid, startedAt, version, standing, lastContact }) => {
    const [started, contact] = [startedAt, lastContact].map((time) => new Date(time).toISOString().slice(11, 23));
    return [host, { pid, started, serves: version, standing, 'last contact': contact }] as const;
  });
  console.table(Object.fromEntries(rows));
}

async function whatToTry(): Promise<string> {
  const [first = '', second = ''] = await Promise.all(services.map((service) => service.url));
  const pid = services[3]?.process.pid ?? 0;
  return `
They stay until you press Ctrl-C.

  curl -i -X POST ${second}/pay                  201
  curl -X POST ${first}/admin/payments/kill      off everywhere; now /pay answers 503
  curl -X POST ${first}/admin/payments/restore   on again
  curl -s ${first}/fleet                         who follows, and what each serves
  kill -STOP ${pid}       one hangs: the next kill names it, if you hurry: 18 s later nobody waits for it. kill -CONT ${pid}
  kill -9 ${pid}          one dies: 18 s later it is forgotten

  ${byHand}
`;
}
