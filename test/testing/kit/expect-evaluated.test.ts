import { AssertionError } from 'node:assert';
import { OpenFeature } from '@openfeature/server-sdk';
import { expectEvaluated, type TestFlags, testFlags } from 'halyard/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { closeAll, shop } from './shop.js';

const open: TestFlags[] = [];
afterEach(() => closeAll(open));

function start(): TestFlags {
  const flags = testFlags(shop, { answers: { 'new-checkout': true, 'button-color': 'a' } });
  open.push(flags);
  return flags;
}

function failureOf(flags: TestFlags, stated: Parameters<typeof expectEvaluated>[1]): AssertionError {
  try {
    expectEvaluated(flags, stated);
  } catch (error) {
    return error as AssertionError;
  }
  throw new Error('It did not fail.');
}

describe('expectEvaluated', () => {
  it('is content with exactly the flags that were read, by variant or value', () => {
    const flags = start();
    flags.boolean('new-checkout', false);
    flags.boolean('new-checkout', false);
    flags.string('button-color', '');
    expectEvaluated(flags, { 'new-checkout': true, 'button-color': 'a' });
    flags.string('button-color', '');
    expectEvaluated(flags, { 'button-color': 'green' });
    expectEvaluated(flags, {});
  });

  it('names flags that are not stated, not read, and answered otherwise', () => {
    const flags = start();
    flags.boolean('old-checkout', true, { targetingKey: 'user-1' });
    flags.string('button-color', '', { targetingKey: 'user-1' });
    const failure = failureOf(flags, { 'new-checkout': true, 'button-color': 'b' });
    expect(failure).toBeInstanceOf(AssertionError);
    expect(failure.message).toBe(
      [
        'Other flags were read than stated.',
        '- `old-checkout` is not stated; it was read: false (variant off, DISABLED, unit user-1).',
        '- `button-color` is not "b"; it was read: "green" (variant a, STATIC, unit user-1).',
        '- `new-checkout` was not read; stated is true.',
      ].join('\n'),
    );
  });

  it('fails for a flag that answered two units differently', () => {
    const flags = start();
    flags.pin('user-1', 'new-checkout', false);
    flags.boolean('new-checkout', true, { targetingKey: 'user-1' });
    flags.boolean('new-checkout', true, { targetingKey: 'user-2' });
    expect(failureOf(flags, { 'new-checkout': true }).message).toContain('unit user-1');
  });

  it("sees what OpenFeature's clients read, also of flags that there are not", async () => {
    const flags = start();
    await OpenFeature.setProviderAndWait('kit-evaluated', flags.provider);
    const client = OpenFeature.getClient('kit-evaluated');
    await client.getBooleanValue('new-checkout', false, { targetingKey: 'user-1' });
    await client.getBooleanValue('new-chekout', false);
    expect(flags.evaluated).toEqual([
      { flagKey: 'new-checkout', value: true, variant: 'on', reason: 'STATIC', unit: 'user-1' },
    ]);
    const { message } = failureOf(flags, { 'new-checkout': true });
    expect(message).toBe(
      'Other flags were read than stated.\n- No flag has the key `new-chekout`. Did you mean `new-checkout`?',
    );
  });
});
