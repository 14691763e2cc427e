/** A process that starts a Halyard, and has nothing else to do. Runs the built package. */
import { createHalyard, memoryStore } from 'halyard';

const halyard = await createHalyard({ store: memoryStore({ version: 1, flags: {} }) });
console.log(`${(await halyard.fleet()).length} instance`);
