/** From a configuration in memory to flags that can be evaluated. */
import { measureInChild } from '../children/measure-in-child.js';
import { contestants, peers } from '../contestants/contestant.js';
import * as halyard from '../contestants/halyard.js';
import { ms, times } from '../report.js';
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

  const tasks = contestants.map(({ name, write, load }) => {
    const configuration = write(FLAGS);
    return [name, async () => void (await (await load(configuration)).close())];
  });
  const durations = await takeTurns(Object.fromEntries(tasks), { rounds: ROUNDS });
  for (const { name } of contestants) figures[name].later = durations[name];

  const what = `load ${FLAGS.toLocaleString('en')} flags, first of a process / median later`;
  const own = figures[halyard.name];
  return peers.map(({ name }, index) => ({
    what,
    halyard: both(own),
    against: `${name} ${both(figures[name])}`,
    ratio: `${times(median(figures[name].later) / median(own.later))} faster`,
    ...(index === 0 && { aim: '< 10 ms later', met: median(own.later) < 10, figures }),
  }));
}

const both = ({ first, later }) => `${ms(median(first))} / ${ms(median(later))}`;
