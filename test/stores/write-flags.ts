import { fileStore } from '../../src/stores/file-store.js';

/** One of several processes that change the same file: flags and kills `NAME-0`, `NAME-1`, … */
const [path = '', name = '', count = '0'] = process.argv.slice(2);
const store = fileStore(path);
for (let index = 0; index < Number(count); index += 1) {
  const key = `${name}-${index}`;
  await store.update((document) => ({ ...document, flags: { ...document.flags, [key]: { rollout: index } } }), {
    by: name,
    reason: 'test',
    state: ({ kills, ...state }) => ({
      ...state,
      kills: new Map([...kills, [key, { at: 0, by: name, reason: 'test' }]]),
    }),
  });
}
await store.close();
