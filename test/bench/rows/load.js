/** From a configuration in memory to flags that can be evaluated. */
import { measureInChild } from '../children/measure-in-child.js';
import { contestants, peers } from '../contestants/contestant.js';
import * as halyard from '../contestants/halyard.js';
import { compared, ms } from '../report.js';
import { median, takeTurns } from '../rounds.js';

const FLAGS = 1_000;
const PROCESSES = 5;
const ROUNDS = 15;

export async function measure() {
  const figures = Object.fromEntries(contestants.map(({ name }) => [name, { first: [], later: [] }]));
  for (let round = 0; round < PROCESSES; round += 1) {
    for (const { name } of contestants)
      figures[name].first.push(await measureInChild('load-once.js', [name, `${FLAGS}`]));
  }

  // One that is in use keeps alive what V8 knows about its objects, as in a service that loads again.
  const inUse = await Promise.all(contestants.map(({ write, load }) => load(write(10))));
  const tasks = contestants.map(({ name, write, load }) => {
    const configuration = write(FLAGS);
    return [name, async () => void (await (await load(configuration)).close())];
  });
  const durations = await takeTurns(Object.fromEntries(tasks), { rounds: ROUNDS, before: globalThis.gc });
  for (const { name } of contestants) figures[name].later = durations[name];
  for (const contestant of inUse) await contestant.close();

  const what = `load ${FLAGS.toLocaleString('en')} flags, first of a process / median later`;
  const own = figures[halyard.name];
  return peers.map(({ name }, index) => ({
    what,
    halyard: both(own),
    against: `${name} ${both(figures[name])}`,
    ratio: compared(median(own.later), median(figures[name].later)),
    ...(index === 0 && { aim: '< 10 ms later', met: median(own.later) < 10, figures }),
  }));
}

const both = ({ first, later }) => `${ms(median(first))} / ${ms(median(later))}`;
