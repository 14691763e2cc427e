/**
 * `fleet-instance.js KIND PLACE [HALYARD]` follows a store with a Halyard, as a service does. It sends how long it took until
 * it was ready, and then, whenever its evaluation gives another edition for the first time, which one and when.
 */
import '../loopback-only.js';
import { createHalyard } from '../../../dist/esm/src/index.js';
import { now, openStore } from '../fleet/stores.js';

const [kind, place, options = '{}'] = process.argv.slice(2);
const nothing = () => undefined;
const logger = { debug: nothing, info: nothing, warn: nothing, error: console.error };

const start = now();
const store = await openStore(kind, JSON.parse(place));
const halyard = await createHalyard({ store, logger, startTimeoutMs: 30_000, ...JSON.parse(options) });
const readyMs = now() - start;

let latest = halyard.number('edition', -1);
halyard.on('change', () => {
  const edition = halyard.number('edition', -1);
  if (edition === latest) return;
  latest = edition;
  process.send({ edition, at: now() });
});
process.send({ readyMs, edition: latest });
process.on('disconnect', () => process.exit());
