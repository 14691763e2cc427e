import { readFileSync } from 'node:fs';
import { styleText } from 'node:util';
import {
  createHalyard,
  createRolloutController,
  type FlagDocument,
  memoryStore,
  processHealth,
  type RolloutNotice,
} from 'halyard';
import { parse } from 'yaml';
import { createShop, listen } from './service.js';
import { createScreen, tableOf } from './table.js';
import { sendTraffic } from './traffic.js';

/** Longer than either rollout can take. */
const longestMs = 110_000;

const document = parse(readFileSync(new URL('flags.yaml', import.meta.url), 'utf8')) as FlagDocument;
const halyard = await createHalyard({ store: memoryStore(document) });
const { server, origin } = await listen(createShop(halyard));
const stopTraffic = sendTraffic(origin);

const begin = performance.now();
const seconds = (): number => (performance.now() - begin) / 1000;
const notices: string[] = [];

const controller = createRolloutController(halyard, {
  health: processHealth(halyard),
  intervalSeconds: 2, // in earnest: 60
  notify: note,
}).start();

console.log('Two releases begin at 5 %: a good search, and a checkout in which 8 % of requests fail.\n');
const draw = createScreen();
const drawing = setInterval(drawAll, 500);
halyard.on('rollout', () => {
  const isOver = halyard.rollouts().every(({ status }) => status === 'completed' || status === 'rolled-back');
  if (isOver) void end();
});
setTimeout(() => void end(), longestMs).unref();

function note({ type, text }: RolloutNotice): void {
  const color = type === 'rollback' ? 'red' : type === 'complete' ? 'green' : 'reset';
  notices.push(styleText(color, `${seconds().toFixed(0).padStart(4)} s  ${text}`));
  if (!process.stdout.isTTY) console.log(notices.at(-1));
  else if (type === 'rollback') process.stdout.write(`\u0007`);
}

function drawAll(): void {
  draw([...tableOf(halyard.rollouts(), seconds()), '', ...notices]);
}

async function end(): Promise<void> {
  clearInterval(drawing);
  // The notice of the last change is on its way.
  await new Promise((resolve) => setTimeout(resolve, 200));
  drawAll();
  stopTraffic();
  await controller.close();
  await halyard.close();
  server.closeAllConnections();
  server.close();
  const caught = halyard.rollout('new-checkout').status;
  const [served] = caught.progress?.status === 'rolled-back' ? [caught.stages[caught.progress.stage]] : [];
  console.log(
    served === undefined
      ? '\nThe bad release was not caught in time: this machine was too busy to make enough requests.'
      : `\nCaught while ${served} % had it. No pager, no deploy: the flag went back to 0 % for everybody.`,
  );
  process.exitCode = served === undefined ? 1 : 0;
}
