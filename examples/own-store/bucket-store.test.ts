import { storeContract } from 'halyard/testing';
import { describe, test } from 'vitest';
import { harness } from './harness.js';

describe('BucketStore', () => {
  for (const { name, skip, timeoutMs, run } of storeContract(harness)) {
    test.skipIf(skip)(name, run, timeoutMs);
  }
});
