import {
  createHalyard,
  type EvaluationContext,
  type FlagDocument,
  type Halyard,
  type HalyardOptions,
  memoryStore,
} from 'halyard';
import { afterEach, describe, expect, it } from 'vitest';

let halyard: Halyard | undefined;

const start = async (
  flags: FlagDocument['flags'],
  options: Partial<HalyardOptions> = {},
  rest: Partial<FlagDocument> = {},
) => {
  halyard = await createHalyard({ store: memoryStore({ version: 1, flags, ...rest }), ...options });
  return halyard;
};

afterEach(() => halyard?.close());

/** What the shown details are, without what every flag has. */
const answer = (flags: Halyard, key: string, fallback: boolean | string, context = {}) => {
  const { value, variant, reason, errorCode } = flags.details(key, fallback, context);
  return { value, variant, reason, ...(errorCode && { errorCode }) };
};

const user2 = { targetingKey: 'user-2' }; // 23.1 % on the ring of new-checkout
const user1 = { targetingKey: 'user-1' }; // 51.9 %

describe('a flag answers with the first that applies', () => {
  it('1: killed on this instance, also without being in the document', async () => {
    const flags = await start(
      {
        known: {},
        noOff: { variants: { on: true, maybe: false }, serve: 'on' },
        colour: { variants: { red: 'r' }, serve: 'red' },
      },
      { kills: ['known', 'noOff', 'colour', 'unknown'] },
    );
    expect(answer(flags, 'known', true)).toEqual({ value: false, variant: 'off', reason: 'DISABLED' });
    expect(answer(flags, 'noOff', true)).toEqual({ value: false, variant: undefined, reason: 'DISABLED' });
    expect(answer(flags, 'unknown', true)).toEqual({ value: false, variant: undefined, reason: 'DISABLED' });
    expect(answer(flags, 'colour', 'blue')).toEqual({ value: 'blue', variant: undefined, reason: 'DISABLED' });
    expect(flags.boolean('unknown', true)).toBe(false);
  });

  it('2: nothing loaded yet', async () => {
    const store = memoryStore({ version: 1, flags: {} });
    store.load = () => Promise.reject(new Error('not there'));
    halyard = await createHalyard({ store, startWithout: true, kills: ['killed'], logger: silent });
    expect(answer(halyard, 'a', true)).toEqual({
      value: true,
      variant: undefined,
      reason: 'ERROR',
      errorCode: 'PROVIDER_NOT_READY',
    });
    expect(answer(halyard, 'killed', true)).toEqual({ value: false, variant: undefined, reason: 'DISABLED' });
  });

  it('3: no such flag', async () => {
    const flags = await start({ constructed: {} }, { logger: silent });
    for (const key of ['missing', 'constructor', 'toString', '__proto__', '']) {
      expect(answer(flags, key, true)).toEqual({
        value: true,
        variant: undefined,
        reason: 'ERROR',
        errorCode: 'FLAG_NOT_FOUND',
      });
    }
  });

  it('4: disabled, or killed in the state', async () => {
    const flags = await start({ disabled: { enabled: false }, killed: {}, none: { enabled: false, offVariant: null } });
    await flags.kill('killed', { by: 'ana', reason: 'test' });
    const off = { value: false, variant: 'off', reason: 'DISABLED' };
    expect(answer(flags, 'disabled', true)).toEqual(off);
    expect(answer(flags, 'killed', true)).toEqual(off);
    expect(flags.details('none', 'fallback').reason).toBe('DISABLED');
  });

  it('5: a local override, which does not revive a flag that is off', async () => {
    const flags = await start(
      { flag: { targets: { off: ['user-2'] }, serve: 'off' }, disabled: { enabled: false } },
      { overrides: { flag: true, disabled: 'on' } },
    );
    expect(answer(flags, 'flag', false, user2)).toEqual({ value: true, variant: 'on', reason: 'OVERRIDE' });
    expect(answer(flags, 'disabled', true).reason).toBe('DISABLED');
    flags.override('flag', undefined);
    expect(answer(flags, 'flag', true, user2).reason).toBe('TARGETING_MATCH');
  });

  it('6: a prerequisite that is not served, is disabled or has an error', async () => {
    const flags = await start({
      'new-cart': { targets: { on: ['user-2'] }, serve: 'off' },
      checkout: { requires: [{ flag: 'new-cart' }], targets: { on: ['user-1', 'user-2'] }, serve: 'off' },
      'off-cart': { enabled: false },
      upside: { requires: [{ flag: 'off-cart', variant: 'off' }] },
      shared: { rollout: 50 },
      nobody: { requires: [{ flag: 'shared' }] },
    });
    const failed = { value: false, variant: 'off', reason: 'PREREQUISITE_FAILED' };
    expect(answer(flags, 'checkout', true, user1)).toEqual(failed);
    expect(answer(flags, 'checkout', true, user2)).toEqual({ value: true, variant: 'on', reason: 'TARGETING_MATCH' });
    expect(answer(flags, 'upside', true)).toEqual(failed);
    expect(answer(flags, 'nobody', true)).toEqual(failed);
  });

  it('7: a target, before any rule', async () => {
    const flags = await start({
      flag: { targets: { off: ['user-2', 42] }, rules: [{ when: { any: [{ vip: true }] }, serve: 'on' }], serve: 'on' },
    });
    const target = { value: false, variant: 'off', reason: 'TARGETING_MATCH' };
    expect(answer(flags, 'flag', true, { ...user2, vip: true })).toEqual(target);
    expect(answer(flags, 'flag', true, { targetingKey: 42 })).toEqual(target);
    expect(answer(flags, 'flag', true, { targetingKey: '42' })).toEqual(target);
  });

  it('8: the first rule that holds decides alone, with its rollout too', async () => {
    const flags = await start({
      'new-checkout': {
        rules: [
          { when: { plan: 'pro' }, rollout: 30 },
          { when: { plan: ['pro', 'free'] }, serve: 'on' },
        ],
        serve: 'off',
      },
    });
    expect(answer(flags, 'new-checkout', true, { ...user2, plan: 'pro' })).toEqual({
      value: true,
      variant: 'on',
      reason: 'SPLIT',
    });
    expect(answer(flags, 'new-checkout', true, { ...user1, plan: 'pro' })).toEqual({
      value: false,
      variant: 'off',
      reason: 'SPLIT',
    });
    expect(answer(flags, 'new-checkout', false, { ...user1, plan: 'free' })).toEqual({
      value: true,
      variant: 'on',
      reason: 'TARGETING_MATCH',
    });
  });

  it("9: the flag's own outcome", async () => {
    const flags = await start({
      plain: {},
      targeted: { targets: { on: ['x'] }, serve: 'off' },
      'new-checkout': { rollout: 30 },
      all: { rollout: 100 },
      'button-color': {
        variants: { control: 'blue', a: 'green', b: 'red' },
        offVariant: 'control',
        seed: 'new-checkout',
        rollout: 30,
        split: { control: 0, a: 100, b: 0 },
      },
    });
    expect(answer(flags, 'plain', false)).toEqual({ value: true, variant: 'on', reason: 'STATIC' });
    expect(answer(flags, 'targeted', true)).toEqual({ value: false, variant: 'off', reason: 'DEFAULT' });
    expect(answer(flags, 'new-checkout', false, user2)).toEqual({ value: true, variant: 'on', reason: 'SPLIT' });
    expect(answer(flags, 'new-checkout', true, user1)).toEqual({ value: false, variant: 'off', reason: 'SPLIT' });
    expect(answer(flags, 'all', false)).toEqual({ value: true, variant: 'on', reason: 'SPLIT' });
    expect(answer(flags, 'button-color', 'x', user2)).toEqual({ value: 'green', variant: 'a', reason: 'SPLIT' });
    expect(answer(flags, 'button-color', 'x', user1)).toEqual({ value: 'blue', variant: 'control', reason: 'DEFAULT' });
  });
});

describe('a bucket that is needed', () => {
  const missing = { value: true, variant: undefined, reason: 'ERROR', errorCode: 'TARGETING_KEY_MISSING' };

  it.each([[undefined], [null], [''], [{}], [[]], [true], [NaN], [Infinity], [1n], [new Date()]])(
    'is an error while the targeting key is %s',
    async (targetingKey) => {
      const flags = await start({ flag: { rollout: 50 }, split: { split: { on: 1, off: 1 } } });
      expect(answer(flags, 'flag', true, { targetingKey })).toEqual(missing);
      expect(answer(flags, 'split', true, { targetingKey })).toEqual(missing);
    },
  );

  it('is not needed at 0 and 100 %, nor by a split with one positive weight', async () => {
    const flags = await start({ none: { rollout: 0 }, all: { rollout: 100 }, one: { split: { on: 1, off: 0 } } });
    expect(['none', 'all', 'one'].map((key) => answer(flags, key, false).variant)).toEqual(['off', 'on', 'on']);
  });

  it('is "not in the rollout", or the off variant of a split, where another attribute is missing', async () => {
    const flags = await start({
      rollout: { by: 'company', rollout: 99 },
      split: { by: 'company', split: { on: 1, off: 1 } },
    });
    expect(answer(flags, 'rollout', true, user1)).toEqual({ value: false, variant: 'off', reason: 'SPLIT' });
    expect(answer(flags, 'split', true, user1)).toEqual({ value: false, variant: 'off', reason: 'DEFAULT' });
  });
});

describe('the caller', () => {
  it("gets the default where the flag's type is another", async () => {
    const flags = await start({ flag: {}, size: { variants: { s: 1, l: 2 }, offVariant: 's', serve: 'l' } });
    expect(answer(flags, 'flag', 'text')).toEqual({
      value: 'text',
      variant: undefined,
      reason: 'ERROR',
      errorCode: 'TYPE_MISMATCH',
    });
    expect([
      flags.number('flag', 7),
      flags.string('size', 'm'),
      flags.object('size', {}),
      flags.number('size', 0),
    ]).toEqual([7, 'm', {}, 2]);
  });

  it('is told rule, kind, owner and version', async () => {
    const flags = await start({
      flag: {
        owner: 'web',
        kind: 'permission',
        metadata: { a: 1 },
        rules: [
          { name: 'staff', when: { staff: true }, serve: 'on' },
          { when: { x: 1 }, serve: 'on' },
        ],
        serve: 'off',
      },
    });
    const details = flags.details('flag', false, { staff: true });
    expect(details).toMatchObject({
      rule: 'staff',
      kind: 'permission',
      owner: 'web',
      flagMetadata: { a: 1 },
      version: flags.health().version,
    });
    expect(flags.details('flag', false, { x: 1 }).rule).toBe(2);
  });

  it('sees static attributes under its own', async () => {
    const flags = await start(
      { flag: { rules: [{ when: { region: 'eu', 'deploy.ring': 1 }, serve: 'on' }], serve: 'off' } },
      { context: { region: 'eu', deploy: { ring: 1 } } },
    );
    expect(flags.boolean('flag', false, {})).toBe(true);
    expect(flags.boolean('flag', false, { region: null })).toBe(true);
    expect(flags.boolean('flag', true, { region: 'us' })).toBe(false);
  });

  it('never makes an evaluation throw, whatever the context is', async () => {
    const flags = await start({ flag: { rules: [{ when: { 'a.b': 'x' }, serve: 'on' }], rollout: 50 } });
    const cycle: Record<string, unknown> = { targetingKey: 'user-1' };
    cycle['a'] = cycle;
    const contexts: unknown[] = [
      null,
      'text',
      7,
      [],
      cycle,
      { a: 1n },
      { a: { b: 'y'.repeat(1 << 20) } },
      { targetingKey: '\ud800' },
    ];
    for (const context of contexts)
      expect(() => flags.details('flag', false, context as EvaluationContext)).not.toThrow();
    const throwing = {
      targetingKey: 'u',
      get a(): never {
        throw new Error('no');
      },
    };
    expect(answer(flags, 'flag', true, throwing)).toEqual({
      value: true,
      variant: undefined,
      reason: 'ERROR',
      errorCode: 'GENERAL',
    });
    expect(String(flags.explain('flag', throwing))).toContain('GENERAL');
  });

  it('is not fooled by what a prototype has', async () => {
    const flags = await start({ flag: { rules: [{ when: { admin: true }, serve: 'on' }], serve: 'off' } });
    Object.defineProperty(Object.prototype, 'admin', { value: true, configurable: true });
    try {
      expect(flags.boolean('flag', true, { targetingKey: 'u' })).toBe(false);
    } finally {
      delete (Object.prototype as { admin?: boolean }).admin;
    }
    expect(flags.boolean('flag', true, JSON.parse('{"__proto__": {"admin": true}}') as EvaluationContext)).toBe(false);
  });
});

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
