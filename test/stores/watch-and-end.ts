import { fileStore } from '../../src/stores/file-store.js';

/** A process that watches a file, closes nothing, and has nothing else to do. */
const store = fileStore(process.argv[2] ?? '', { pollMs: 50 });
await store.load();
store.watch(() => undefined);
await store.updateState((state) => state, { by: 'test', reason: 'test' });
console.log('loaded');
