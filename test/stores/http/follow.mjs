/** A process that follows flags, closes nothing, and has nothing else to do: `follow.mjs ADDRESS TOKEN`. Runs the built package. */
import { createHalyard, httpStore } from 'halyard';

const [address, token] = process.argv.slice(2);
const halyard = await createHalyard({ store: httpStore(address, { token }) });
// The stream is open by then.
await new Promise((resolve) => setTimeout(resolve, 1_000));
console.log(halyard.health().status);
