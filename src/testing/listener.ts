import type { TestedStore } from './store-bench.js';

/** How often a store has told that something may have changed. */
export interface Listener {
  readonly count: number;
  end(): void;
}

export function listenTo(store: Pick<TestedStore, 'watch'>): Listener {
  let count = 0;
  const end = store.watch(() => {
    count += 1;
  });
  return {
    get count(): number {
      return count;
    },
    end,
  };
}
