import { describe, expect, it } from 'vitest';
import { parseFlagDocument } from '../../src/flags/parse-flag-document.js';
import { documentOf, errorsOf, flagFrom, problemsOf } from './parse.js';

describe('a flag', () => {
  it('serves on without targets, rules and outcome', () => {
    expect(flagFrom({}).outcome).toEqual({ type: 'serve', variant: 'on' });
    expect(flagFrom({})).toMatchObject({
      kind: 'release',
      enabled: true,
      offVariant: 'off',
      clientSafe: false,
      valueType: 'boolean',
    });
    expect([...flagFrom({}).variants]).toEqual([
      ['on', true],
      ['off', false],
    ]);
  });

  it('must say what everyone else gets once it has targets or rules, even empty ones', () => {
    expect(problemsOf({ targets: { on: ['u'] } })).toEqual([
      'flags.f: has targets but does not say what everyone else gets. Add `serve: off`.',
    ]);
    expect(problemsOf({ targets: {} })).toHaveLength(1);
    expect(problemsOf({ rules: [] })).toEqual([
      'flags.f: has rules but does not say what everyone else gets. Add `serve: off`.',
    ]);
    expect(problemsOf({ rules: [], variants: { a: 1 }, offVariant: 'a' })[0]).toContain('Add `serve: a`');
  });

  it('must say its outcome if its variants have no on', () => {
    expect(problemsOf({ variants: { a: 1, b: 2 } })).toEqual([
      'flags.f: has variants without `on` and does not say which it serves. Add `serve: a`.',
    ]);
  });

  it.each([
    ['percentge', 10, 'Write `rollout: 10`.'],
    ['percentage', 10, 'Write `rollout: 10`.'],
    ['rollout_percentage', 25, 'Write `rollout: 25`.'],
    ['rolloutPercentage', '25%', 'Write `rollout: 25`.'],
    ['allowed_users', ['u1'], 'Write `targets: { on: ["u1"] }`.'],
    ['target_users', ['u1'], 'Write `targets: { on: ["u1"] }`.'],
    ['user_ids', ['u1'], 'Write `targets: { on: ["u1"] }`.'],
    ['users', ['u1'], 'Write `targets: { on: ["u1"] }`.'],
    ['jira', 'PAY-1', 'Write `ticket: "PAY-1"`.'],
    ['active', true, 'Write `enabled: true`.'],
    ['on', false, 'Write `enabled: false`.'],
    ['state', 'DISABLED', 'Write `enabled: false`.'],
    ['strategies', [], 'Write `rollout: 10` for a share of all units'],
    ['variations', {}, 'Write `variants`'],
    ['defaultVariant', 'on', 'Write `serve: on`'],
    ['fallthrough', {}, 'Write `serve: on`'],
    ['off_variation', 'b', 'Write `offVariant: "b"`.'],
    ['targeting', {}, 'Write `rules`'],
    ['weights', { a: 1 }, 'Write `split: { a: 1 }`.'],
    ['prerequisites', [], 'Write `requires:'],
    ['ownr', 'a', 'Did you mean `owner`?'],
    ['Enabled', true, 'Did you mean `enabled`?'],
    ['client_safe', true, 'Did you mean `clientSafe`?'],
    ['zzzzzz', 1, 'Allowed: description, kind,'],
  ])('answers the key %s with the right word', (word, value, advice) => {
    const [problem, ...others] = problemsOf({ [word]: value });
    expect(problem).toContain(`flags.f.${word}: unknown key. ${advice}`);
    expect(others).toEqual([]);
  });

  it('reports every problem at once', () => {
    const problems = problemsOf({
      ownr: 'a',
      kind: 'releas',
      created: '2026-02-30',
      rollout: 101,
      rules: [{ when: { plan: null } }],
      tags: 'a',
    });
    expect(problems).toHaveLength(7);
    expect(problems).toContain(
      'flags.f.kind: expected release, experiment, operational or permission, found "releas". Did you mean `release`?',
    );
  });

  it('refuses a flag with an error and takes the others', () => {
    const parsed = parseFlagDocument({ version: 1, flags: { bad: { rollout: -1 }, good: {} } });
    expect([...parsed.flags.keys()]).toEqual(['good']);
    expect([...parsed.refused]).toEqual(['bad']);
  });

  it('reads dates as UTC midnight and times with their offset', () => {
    const { created, expires } = flagFrom({ created: '2026-11-01', expires: '2027-03-01T09:00:00+02:00' });
    expect(created).toBe(Date.UTC(2026, 10, 1));
    expect(expires).toBe(Date.UTC(2027, 2, 1, 7));
  });

  it('says the corrected text for a time without an offset', () => {
    expect(problemsOf({ expires: '2027-03-01T09:00:00' })[0]).toContain('Write 2027-03-01T09:00:00Z.');
    expect(problemsOf({ expires: '2027-03-01 09:00' })[0]).toContain('Write 2027-03-01T09:00Z.');
    expect(problemsOf({ expires: new Date(0) })[0]).toContain('Write 1970-01-01T00:00:00.000Z.');
  });

  it('warns where expires is before created', () => {
    expect(problemsOf({ created: '2027-01-01', expires: '2026-01-01' })).toEqual([
      'flags.f.expires: warning: is before `created`.',
    ]);
  });

  it('takes flat metadata, frozen, and no other', () => {
    const { metadata } = flagFrom({ metadata: { team: 'a', level: 1, beta: true } });
    expect(metadata).toEqual({ team: 'a', level: 1, beta: true });
    expect(Object.isFrozen(metadata)).toBe(true);
    expect(problemsOf({ metadata: { a: {} } })).toEqual([
      'flags.f.metadata.a: expected a text, a number or a boolean, found {}.',
    ]);
    expect(problemsOf({ metadata: JSON.parse('{"__proto__": 1}') })).toHaveLength(1);
  });

  it('reads own properties only', () => {
    class Flag {
      rollout = 10;
      get serve(): string {
        return 'on';
      }
    }
    expect(flagFrom(new Flag()).outcome.type).toBe('rollout');
    expect(flagFrom(Object.create({ enabled: false })).enabled).toBe(true);
  });
});

describe('keys', () => {
  it.each(['constructor', 'toString', 'hasOwnProperty', 'a', '10', 'team/new-checkout.v2_x', 'x-flag'])(
    'takes %s',
    (key) => {
      const parsed = parseFlagDocument({ version: 1, flags: { [key]: { requires: [] } } });
      expect(parsed.problems).toEqual([]);
      expect(parsed.flags.get(key)?.key).toBe(key);
    },
  );

  it.each(['', '-a', 'bad key', 'ä', 'a'.repeat(129), '__proto__'])('refuses %j', (key) => {
    const flags = JSON.parse(`{${JSON.stringify(key)}: {"serve": "on"}}`) as unknown;
    const parsed = parseFlagDocument({ version: 1, flags });
    expect(errorsOf(parsed)[0]).toContain("can't be a flag's key");
    expect(parsed.flags.size).toBe(0);
    expect(({} as Record<string, unknown>)['serve']).toBeUndefined();
  });
});

describe('variants', () => {
  it("copies and freezes their values and leaves the caller's as they are", () => {
    const value = { sizes: [1, { a: 2 }] };
    const { variants, valueType } = flagFrom({ variants: { on: value, off: {} } });
    expect(variants.get('on')).toEqual(value);
    expect(variants.get('on')).not.toBe(value);
    expect(Object.isFrozen(variants.get('on'))).toBe(true);
    expect(Object.isFrozen(value)).toBe(false);
    expect(Object.isFrozen(value.sizes)).toBe(false);
    expect(valueType).toBe('object');
  });

  it('must be of one type', () => {
    expect(problemsOf({ variants: { on: 1, off: 'a' }, serve: 'on' })).toEqual([
      'flags.f.variants: all variants must be of one type, but `on` is a number and `off` is a string.',
    ]);
    expect(problemsOf({ variants: { on: [], off: {} }, serve: 'on' })).toHaveLength(1);
  });

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['a function', (): void => undefined],
    ['a BigInt', 10n],
    ['NaN', NaN],
    ['a Date inside', { at: new Date() }],
    [
      'a cycle',
      (() => {
        const value: unknown[] = [];
        value.push(value);
        return value;
      })(),
    ],
    [
      'an object that contains itself again and again',
      Array.from({ length: 40 }).reduce<unknown>((inner) => [inner, inner], 1),
    ],
  ])('refuses %s as a value', (_, value) => {
    expect(problemsOf({ variants: { on: value }, serve: 'on' })[0]).toMatch(/^flags\.f\.variants\.on: /);
  });

  it.each(['10', '0', '4294967294'])('refuses the name %s, which JavaScript would move', (name) => {
    expect(problemsOf({ variants: { b: 1, [name]: 2 }, serve: 'b' })[0]).toContain(
      `JavaScript would move the name ${name} before the others`,
    );
  });

  it('takes true and false as on and off, as key and as value', () => {
    const flag = flagFrom({
      variants: { true: 'x', false: 'y' },
      serve: true,
      offVariant: false,
      targets: { true: ['u'] },
    });
    expect([...flag.variants]).toEqual([
      ['on', 'x'],
      ['off', 'y'],
    ]);
    expect(flag).toMatchObject({ offVariant: 'off', outcome: { type: 'serve', variant: 'on' } });
    expect(flag.targets.get('u')).toBe('on');
  });

  it('refuses both spellings in one mapping', () => {
    for (const flag of [
      { variants: { true: 1, on: 2 } },
      { targets: { on: [], true: [] }, serve: 'off' },
      { split: { false: 1, off: 1, on: 1 } },
    ]) {
      expect(problemsOf(flag)[0]).toContain('is here twice');
    }
  });

  it('refuses names with control characters and overlong ones', () => {
    for (const name of ['', 'a\nb', 'a'.repeat(129)])
      expect(problemsOf({ variants: { [name]: 1, b: 1 }, serve: 'b' })[0]).toContain("can't name a variant");
  });

  it('has an off variant called off, another if it says so, none with null or without off', () => {
    expect(flagFrom({}).offVariant).toBe('off');
    expect(flagFrom({ offVariant: null }).offVariant).toBeUndefined();
    expect(flagFrom({ variants: { a: 1 }, serve: 'a' }).offVariant).toBeUndefined();
    expect(problemsOf({ offVariant: 'of' })).toEqual([
      'flags.f.offVariant: `of` is no variant of this flag. Its variants: on, off. Did you mean `off`?',
    ]);
  });

  it('warns about a variant that nobody gets', () => {
    expect(problemsOf({ variants: { a: 1, b: 2, c: 3 }, split: { a: 1, b: 1 } })).toEqual([
      'flags.f.variants.c: warning: nobody gets `c`: no target, rule or outcome names it.',
    ]);
  });
});

describe('targets', () => {
  it('takes texts and numbers', () => {
    expect([...flagFrom({ targets: { on: ['a', 42], off: ['0123'] }, serve: 'off' }).targets]).toEqual([
      ['a', 'on'],
      ['42', 'on'],
      ['0123', 'off'],
    ]);
  });

  it('refuses one unit under two variants, also as number and text', () => {
    expect(problemsOf({ targets: { on: ['a', 42], off: ['42'] }, serve: 'off' })).toEqual([
      'flags.f.targets.off[0]: "42" is listed for `on` already. A unit gets one variant.',
    ]);
  });

  it('warns about a unit listed twice', () => {
    expect(problemsOf({ targets: { on: ['a', 'a'] }, serve: 'off' })).toEqual([
      'flags.f.targets.on[1]: warning: "a" is in the list twice.',
    ]);
  });

  it.each([[''], [null], [true], [NaN], [Infinity], [{}]])('refuses %j as a unit', (unit) => {
    expect(problemsOf({ targets: { on: [unit] }, serve: 'off' })[0]).toContain(
      'flags.f.targets.on[0]: expected a unit',
    );
  });

  it('shows how to write what is no mapping of lists', () => {
    expect(problemsOf({ targets: ['a'], serve: 'off' })[0]).toContain('Write `targets: { on: ["a"] }`');
    expect(problemsOf({ targets: { on: 'a' }, serve: 'off' })[0]).toContain('Write `[a]`');
    expect(problemsOf({ targets: { onn: ['a'] }, serve: 'off' })[0]).toContain('Did you mean `on`?');
  });
});

describe('outcomes', () => {
  it.each([[-1], [101], [NaN], [Infinity], ['10'], [null], [[]], [true]])(
    'refuses the rollout %j and shows it',
    (rollout) => {
      const [problem] = problemsOf({ rollout });
      expect(problem).toContain('flags.f.rollout: expected a percentage from 0 to 100');
      expect(problem).toContain(`found ${typeof rollout === 'number' ? String(rollout) : JSON.stringify(rollout)}`);
      if (rollout === '10') expect(problem).toContain('Write 10.');
    },
  );

  it('fills in what a rollout does not say', () => {
    expect(flagFrom({ rollout: 10, by: 'company', seed: 's' }).outcome).toEqual({
      type: 'rollout',
      rollout: {
        schedule: { type: 'fixed', percentage: 10 },
        variant: 'on',
        otherwise: 'off',
        by: 'company',
        seed: 's',
        offset: 0,
      },
    });
    expect(flagFrom({ rollout: { percentage: 5, otherwise: null, by: 'x', offset: 100 } }).outcome).toEqual({
      type: 'rollout',
      rollout: {
        schedule: { type: 'fixed', percentage: 5 },
        variant: 'on',
        otherwise: undefined,
        by: 'x',
        seed: 'f',
        offset: 100,
      },
    });
  });

  it('lets rollout and split have a by and a seed of their own', () => {
    const { outcome } = flagFrom({
      rollout: { percentage: 5, by: 'a', seed: 'r' },
      split: { weights: { on: 1, off: 1 }, seed: 's' },
      by: 'c',
    });
    expect(outcome).toMatchObject({
      type: 'experiment',
      rollout: { by: 'a', seed: 'r' },
      split: { by: 'c', seed: 's' },
    });
  });

  it('refuses serve beside rollout or split, and a variant in a rollout with a split', () => {
    expect(problemsOf({ serve: 'on', rollout: 10 })[0]).toContain('has `serve` and `rollout`. Keep one');
    expect(problemsOf({ serve: 'on', split: { on: 1 } })[0]).toContain('has `serve` and `split`');
    expect(problemsOf({ rollout: { percentage: 1, variant: 'on' }, split: { on: 1, off: 1 } })[0]).toContain(
      'Leave `variant` out',
    );
  });

  it('asks which variant a rollout serves if there is no on', () => {
    expect(problemsOf({ variants: { a: 1, b: 2 }, rollout: 10 })[0]).toContain(
      '`rollout: { percentage: 10, variant: a }`',
    );
    expect(flagFrom({ variants: { a: 1, b: 2 }, rollout: 10, split: { a: 1, b: 1 } }).outcome.type).toBe('experiment');
  });

  it.each([
    [{ on: 0, off: 0 }, 'weights must not all be zero, found { on: 0, off: 0 }'],
    [{ on: -1, off: 2 }, 'expected a weight, a finite number of 0 or more, found -1'],
    [{ on: Infinity }, 'found Infinity'],
    [{ on: '50' }, 'found "50". Write 50.'],
    [{ onn: 1 }, 'Did you mean `on`?'],
    [{}, "expected weights by the variants' names, found {}"],
    [[1, 2], 'found [1, 2]'],
    [{ weights: { on: 1 }, salt: 'a' }, 'Write `seed: "a"`'],
    [{ on: Number.MAX_VALUE, off: Number.MAX_VALUE }, 'more than a number holds'],
  ])('refuses the split %j', (split, message) => {
    expect(problemsOf({ split })[0]).toContain(message);
  });

  it('keeps the declared order of weights', () => {
    const { outcome } = flagFrom({ variants: { z: 1, a: 2, m: 3 }, split: { m: 1, z: 2, a: 0 } });
    expect(outcome.type === 'split' && [...outcome.split.weights]).toEqual([
      ['m', 1],
      ['z', 2],
      ['a', 0],
    ]);
  });
});

describe('schedules', () => {
  const start = '2027-01-10T09:00:00Z';
  const scheduleOf = (rollout: unknown): unknown => {
    const { outcome } = parseFlagDocument(documentOf({ rollout })).flags.get('f')!;
    return outcome.type === 'rollout' ? outcome.rollout.schedule : undefined;
  };

  it('takes curves up and down', () => {
    expect(scheduleOf({ curve: 's-curve', from: 1, start, hours: 72 })).toEqual({
      type: 'curve',
      curve: 's-curve',
      from: 1,
      to: 100,
      start: Date.parse(start),
      durationMs: 72 * 3_600_000,
    });
    expect(scheduleOf({ curve: 'linear', from: 100, to: 0, start, hours: 1 })).toMatchObject({ from: 100, to: 0 });
  });

  it('takes stages, the last of which holds', () => {
    expect(
      scheduleOf({
        start,
        stages: [{ percentage: 1, hours: 24 }, { percentage: 10, minutes: 30 }, { percentage: 50 }],
      }),
    ).toEqual({
      type: 'stages',
      start: Date.parse(start),
      stages: [
        { percentage: 1, durationMs: 86_400_000 },
        { percentage: 10, durationMs: 1_800_000 },
        { percentage: 50, durationMs: Infinity },
      ],
    });
  });

  it('refuses checks in a rule, whose rollout nothing would move on, and beside the rollout', () => {
    const stages = [{ percentage: 1, hours: 1 }, { percentage: 100 }];
    expect(problemsOf({ serve: 'off', rules: [{ when: { country: 'US' }, rollout: { stages, checks: {} } }] })).toEqual(
      [expect.stringMatching(/rules\[0\]\.rollout\.checks: a rule's rollout is nobody's to watch.*Take `checks` out/)],
    );
    expect(problemsOf({ rollout: 1, checks: {} }).join()).toContain(
      'checks: unknown key. Write it inside of `rollout`: `rollout: { stages: ',
    );
  });

  it('takes a rollout with checks as a watched one, from the beginning unless it says a start', () => {
    const rollout = {
      stages: [{ percentage: 1, minutes: 0, approval: true }, { percentage: 10, hours: 1 }, { percentage: 100 }],
      checks: { maxP99Ms: 500, onNoData: 'hold' },
    };
    expect(scheduleOf(rollout)).toMatchObject({
      type: 'watched',
      start: -Infinity,
      stages: [
        { percentage: 1, durationMs: 0, approval: true },
        { percentage: 10, durationMs: 3_600_000, approval: false },
        { percentage: 100, durationMs: undefined, approval: false },
      ],
      checks: { maxP99Ms: 500, maxErrorRateIncrease: undefined },
    });
    expect(problemsOf({ rollout })).toEqual([]);
  });

  it.each([
    [
      { percentage: 1, curve: 'linear' },
      'expected exactly one of percentage, curve and stages, found percentage and curve',
    ],
    [{ by: 'a' }, 'found none of them. Write `percentage: 10`'],
    [{ percentage: 1, hours: 3 }, 'belongs to `curve`, not to `percentage`'],
    [{ curve: 'linear', start }, 'a curve needs `hours`'],
    [{ curve: 'linear', hours: 1 }, 'a schedule needs `start`'],
    [{ curve: 'linea', hours: 1, start }, 'Did you mean `linear`?'],
    [{ curve: 'linear', hours: 0, start }, 'expected a number of hours above 0'],
    [
      { stages: [{ percentage: 1 }, { percentage: 2 }], start },
      'every stage but the last needs exactly one of minutes and hours, found none',
    ],
    [{ stages: [{ percentage: 1, hours: 1, minutes: 2 }, { percentage: 2 }], start }, 'found both'],
    [{ stages: [{ percentage: 1, hours: 1 }], start }, 'the last stage holds'],
    [{ stages: [{ percentage: 1, hours: 0 }, { percentage: 2 }], start }, 'a duration above 0'],
    [{ stages: [], start }, 'expected a list of stages, found []'],
    [
      { stages: [{ percentage: 1, hours: 1 }, { percentage: 2 }] },
      'Add `start: 2027-01-10T09:00:00Z`. Or `checks: {}`, for a controller to move it on',
    ],
    [{ percentage: 1, minimumRequests: 100 }, 'rollout.minimumRequests: unknown key. Write it inside of `checks`.'],
    [{ percentage: 1, checks: {} }, 'belongs to `stages`'],
    [{ percentage: 1, offset: 101 }, 'a place on the ring'],
    [
      { stages: [{ percentage: 1, hours: 1, approval: true }, { percentage: 2 }], start },
      'approval needs a rollout with `checks`',
    ],
  ])('refuses the rollout %j', (rollout, message) => {
    expect(problemsOf({ rollout }).join('\n')).toContain(message);
  });
});
