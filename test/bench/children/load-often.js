/** `load-often.js CONTESTANT COUNT LOADS` sends the milliseconds of each load, the first one of the process included. */
import '../loopback-only.js';
import { contestants } from '../contestants/contestant.js';
import { timed } from '../rounds.js';

const [wanted, count, loads] = process.argv.slice(2);
const { write, load } = contestants.find(({ name }) => name === wanted);
const configuration = write(Number(count));
const durations = [];
while (durations.length < Number(loads)) {
  let loaded;
  durations.push(await timed(async () => void (loaded = await load(configuration))));
  await loaded.close();
}
process.send(durations);
