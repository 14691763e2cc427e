/** Whoever writes a store runs the contract with whatever runner they have, from the package as it is published. */
const { mkdtemp, rm, writeFile } = require('node:fs/promises');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { describe, test } = require('node:test');
const { fileStore, memoryStore } = require('halyard');
const { storeContract } = require('halyard/testing');

const harnesses = {
  memoryStore: { create: memoryStore, open: (store) => store },
  fileStore: {
    create: async (document) => {
      const folder = await mkdtemp(join(tmpdir(), 'halyard-consumer-'));
      await writeFile(join(folder, 'flags.json'), JSON.stringify(document));
      return folder;
    },
    open: (folder) => fileStore(join(folder, 'flags.json')),
    remove: (folder) => rm(folder, { recursive: true }),
    replaceText: (folder, text) => writeFile(join(folder, 'flags.json'), text),
  },
};

for (const [store, harness] of Object.entries(harnesses)) {
  describe(store, () => {
    for (const { name, skip, timeoutMs, run } of storeContract(harness)) test(name, { skip, timeout: timeoutMs }, run);
  });
}
