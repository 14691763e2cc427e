/** How many items make a step: a pause takes about as long as a small item. */
const ITEMS_PER_STEP = 16;

/** Does something with each item, with a pause after every few, so that many items can be worked through between other work. */
export function* inSteps<Item>(items: Iterable<Item>, work: (item: Item) => void): Generator<void, void> {
  let count = 0;
  for (const item of items) {
    work(item);
    count += 1;
    if (count % ITEMS_PER_STEP === 0) yield;
  }
}
