import { describe, test } from 'node:test';
import { storeContract } from 'halyard/testing';
import { harness } from './harness.js';

void describe('BucketStore', () => {
  for (const { name, skip, timeoutMs, run } of storeContract(harness)) {
    void test(name, { skip, timeout: timeoutMs }, run);
  }
});
