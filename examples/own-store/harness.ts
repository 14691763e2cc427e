import { randomUUID } from 'node:crypto';
import type { FlagDocument } from 'halyard';
import type { StoreHarness } from 'halyard/testing';
import { BucketStore } from './bucket-store.js';
import { type LocalBucket, openLocalBucket } from './local-bucket.js';

/** How the contract gets at a bucket store. */
export const harness: StoreHarness<LocalBucket> = {
  create: async (document) => {
    const bucket = await openLocalBucket();
    await put(bucket.urlOf('flags'), contents(JSON.stringify(document)));
    return bucket;
  },
  open: (bucket) => new BucketStore(bucket.urlOf('flags'), { pollMs: 50 }),
  remove: (bucket) => bucket.close(),
  pushesDocuments: true,
  keepsTexts: true,
  replaceText: async (bucket, text) => {
    const url = bucket.urlOf('flags');
    const response = await fetch(url);
    const before = response.ok ? ((await response.json()) as object) : {};
    await put(url, { ...contents(text), ...before, text, version: `by-hand-${randomUUID()}:1` });
  },
  empty: (bucket) => fetch(bucket.urlOf('flags'), { method: 'DELETE' }),
  openEnvironment: async (bucket, document: FlagDocument) => {
    await put(bucket.urlOf('staging'), contents(JSON.stringify(document)));
    return new BucketStore(bucket.urlOf('staging'), { pollMs: 50 });
  },
};

function contents(text: string): object {
  return { version: 'bucket-test:1', text, state: { kills: {} }, history: [] };
}

const put = (url: string, body: object): Promise<unknown> => fetch(url, { method: 'PUT', body: JSON.stringify(body) });
