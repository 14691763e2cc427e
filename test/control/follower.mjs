/** A second process on the same file: prints what `payments` is whenever it changes. Runs the built package. */
import { createHalyard, fileStore } from 'halyard';

const halyard = await createHalyard({ store: fileStore(process.argv[2]) });
const tell = () => console.log(`payments ${halyard.boolean('payments', true)}`);
tell();
halyard.on('change', tell);
setInterval(() => undefined, 1_000);
