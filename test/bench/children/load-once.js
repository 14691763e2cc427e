/** The first load of a process: `load-once.js CONTESTANT COUNT` sends the milliseconds. */
import '../loopback-only.js';
import { contestants } from '../contestants/contestant.js';
import { timed } from '../rounds.js';

const [wanted, count] = process.argv.slice(2);
const contestant = contestants.find(({ name }) => name === wanted);
const configuration = contestant.write(Number(count));
process.send(await timed(() => contestant.load(configuration)));
