/** `report-and-end.mjs URL TOKEN`: a reader that closes its Halyard, and has nothing else to do. Runs the built package. */
import { createHalyard, httpStore } from 'halyard';

const [url, token] = process.argv.slice(2);
const halyard = await createHalyard({ store: httpStore(url, { token }), fleet: { host: 'short-lived' } });
const hosts = (await halyard.fleet()).map(({ host }) => host);
if (hosts.join() !== 'short-lived') throw new Error(`The list has ${hosts.join() || 'nobody'}.`);
await halyard.close();
