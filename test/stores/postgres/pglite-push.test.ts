import { postgresStore } from 'halyard/stores/postgres';
import { expect, it, vi } from 'vitest';
import { createDeferred } from '../../control/deferred.js';

it('PGlite that begins to listen after nobody wants to be told any more is listened to no longer', async () => {
  const listening = createDeferred<() => Promise<void>>();
  const store = postgresStore({
    query: () => Promise.resolve({ rows: [] }),
    transaction: () => Promise.reject(new Error('nothing is changed here')),
    listen: () => listening.promise,
  });
  const end = store.watch(() => undefined);
  end();
  const unlisten = vi.fn(() => Promise.resolve());
  listening.resolve(unlisten);
  await vi.waitFor(() => expect(unlisten).toHaveBeenCalledOnce(), { interval: 20 });
  expect(store.isListening).toBe(false);
  await store.close();
});
