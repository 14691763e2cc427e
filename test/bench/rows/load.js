/** From a configuration in memory to flags that can be evaluated. */
import { measureInChild } from '../children/measure-in-child.js';
import { contestants, peers } from '../contestants/contestant.js';
import * as halyard from '../contestants/halyard.js';
import { compared, ms } from '../report.js';
import { median } from '../rounds.js';

const FLAGS = 1_000;
const PROCESSES = 5;
const LOADS = 20;

export async function measure() {
  const figures = Object.fromEntries(contestants.map(({ name }) => [name, { first: [], later: [] }]));
  for (let round = 0; round < PROCESSES; round += 1) {
    for (const { name } of contestants) {
      const [first, ...later] = await measureInChild('load-often.js', [name, `${FLAGS}`, `${LOADS}`]);
      figures[name].first.push(first);
      figures[name].later.push(...later);
    }
  }

  const own = figures[halyard.name];
  return peers.map(({ name }, index) => ({
    what: `load ${FLAGS.toLocaleString('en')} flags, first of a process / median later`,
    halyard: both(own),
    against: `${name} ${both(figures[name])}`,
    ratio: compared(median(own.later), median(figures[name].later)),
    ...(index === 0 && { aim: '< 10 ms later', met: median(own.later) < 10, figures }),
  }));
}

const both = ({ first, later }) => `${ms(median(first))} / ${ms(median(later))}`;
