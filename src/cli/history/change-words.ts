import type { Difference } from '../../stores/flag-store.js';
import { inlineValue } from '../output/inline-value.js';
import { placeOf } from './changed-place.js';

/** A change in a few words: `new-checkout.rollout 10 → 25`, `payments killed`. */
export function changeInWords({ path, before, after }: Difference): string {
  const place = placeOf(path);
  switch (place.part) {
    case 'flag':
      if (place.name === undefined) return `${place.key} ${stepOf(before, after)}`;
      return `${place.key}.${place.name} ${valueInWords(before, after)}`;
    case 'state':
      if (place.what === 'kills') return `${place.key} ${after === undefined ? 'restored' : 'killed'}`;
      if (place.what === 'trips') return `${place.key} breaker ${after === undefined ? 'closed' : 'open'}`;
      return `${place.key} rollout ${statusOf(after) ?? stepOf(before, after)}`;
    case 'breaker':
      return `${place.key} breaker open on one instance`;
    case 'document':
      return `${place.path === '' ? 'document' : place.path} ${stepOf(before, after)}`;
  }
}

const valueInWords = (before: unknown, after: unknown): string =>
  [before, after].some((value) => typeof value === 'object')
    ? stepOf(before, after)
    : `${inlineValue(before)} → ${inlineValue(after)}`;

const stepOf = (before: unknown, after: unknown): string =>
  before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';

function statusOf(progress: unknown): string | undefined {
  if (typeof progress !== 'object' || progress === null || !('status' in progress)) return undefined;
  const status = String(progress.status).replace('-', ' ');
  return 'stage' in progress && typeof progress.stage === 'number' ? `${status}, stage ${progress.stage + 1}` : status;
}
