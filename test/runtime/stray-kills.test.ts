import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createHalyard, fileStore, type FlagDocument, type FlagStore, type Halyard, memoryStore } from 'halyard';
import { afterEach, describe, expect, it } from 'vitest';
import type { Kill } from '../../src/flags/flag-state.js';
import { temporaryFolder } from '../stores/temporary-folder.js';

const why = { by: 'ana', reason: 'because' };

const document = (...keys: readonly string[]): FlagDocument => ({
  version: 1,
  flags: Object.fromEntries(keys.map((key) => [key, {}])),
});

/** Kills these, and no others, as a hand does: past every check. */
const kill = (store: ReturnType<typeof memoryStore>, keys: readonly string[], until?: number) => {
  const kills = keys.map((key): [string, Kill] => [key, { at: 0, ...why, ...(until !== undefined && { until }) }]);
  return store.updateState((state) => ({ ...state, kills: new Map(kills) }), why);
};

describe('a kill of a key that no flag has', () => {
  const open: Halyard[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((halyard) => halyard.close()));
  });

  const start = async (store: FlagStore) => {
    const warnings: string[] = [];
    const ignore = (): void => undefined;
    const warn = (_fields: object, message: string): void => void warnings.push(message);
    const halyard = await createHalyard({ store, logger: { debug: ignore, info: ignore, warn, error: ignore } });
    open.push(halyard);
    return { halyard, warnings };
  };

  it('is told once, with the nearest key, and again when it comes again', async () => {
    const store = memoryStore(document('payments', 'search'));
    const { halyard, warnings } = await start(store);
    await kill(store, ['paymnts']);
    await halyard.refresh();
    const told = 'memory has kills of keys that no flag has: `paymnts` (did you mean `payments`?).';
    expect(warnings).toEqual([told]);
    await kill(store, ['paymnts', 'search']);
    await halyard.refresh();
    store.set(document('payments', 'search', 'other'));
    await halyard.refresh();
    expect(warnings).toEqual([told]);
    await kill(store, []);
    await halyard.refresh();
    await kill(store, ['paymnts']);
    await halyard.refresh();
    expect(warnings).toEqual([told, told]);
  });

  it('is told at the start, too, and in a file', async () => {
    const { path, remove } = await temporaryFolder();
    try {
      await writeFile(join(path, 'flags.yaml'), 'version: 1\nflags: { payments: {} }\n');
      await writeFile(join(path, 'flags.state.json'), '{ "kills": { "paymnts": { "at": "2027-01-10T09:00:00Z" } } }');
      const { warnings } = await start(fileStore(join(path, 'flags.yaml')));
      expect(warnings).toEqual([expect.stringContaining('`paymnts` (did you mean `payments`?)')]);
      await Promise.all(open.splice(0).map((halyard) => halyard.close()));
    } finally {
      await remove();
    }
  });

  it('is one line where there are many', async () => {
    const store = memoryStore(document('payments'));
    const { halyard, warnings } = await start(store);
    await kill(
      store,
      Array.from({ length: 1_000 }, (_, index) => `made-up-at-run-time-${index}`),
    );
    await halyard.refresh();
    const named = [0, 1, 2, 3, 4].map((index) => `\`made-up-at-run-time-${index}\``).join(', ');
    expect(warnings).toEqual([`memory has kills of keys that no flag has: ${named} and 995 more.`]);
  });

  it('is not told of a flag that was removed after its kill, nor of a kill that is over', async () => {
    const store = memoryStore(document('payments', 'search'));
    const { halyard, warnings } = await start(store);
    await kill(store, ['search']);
    await halyard.refresh();
    store.set(document('payments'));
    await halyard.refresh();
    await kill(store, ['search', 'paymnts'], 1);
    await halyard.refresh();
    expect(warnings).toEqual([]);
  });

  it('is not told where it was made on purpose, with `create`', async () => {
    const store = memoryStore(document('payments'));
    const [here, elsewhere] = [await start(store), await start(store)];
    await here.halyard.kill('to-come', { ...why, create: true });
    await elsewhere.halyard.refresh();
    expect(here.warnings).toEqual([]);
    expect(elsewhere.warnings).toEqual(['memory has kills of keys that no flag has: `to-come`.']);
  });

  it('shows no control characters, which a hand may have written', async () => {
    const store = memoryStore(document('payments'));
    const { halyard, warnings } = await start(store);
    await kill(store, ['pay\n\u001B[31mments']);
    await halyard.refresh();
    expect(warnings).toEqual([expect.stringContaining('`pay\\n\\u001b[31mments`')]);
  });
});
