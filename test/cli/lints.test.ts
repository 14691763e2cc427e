import { describe, expect, it } from 'vitest';
import { halyardIn } from './halyard-command.js';

/** What `halyard check` finds in flags written as JSON, without what every flag should have: `rule path`. */
async function found(
  flags: Readonly<Record<string, object>>,
  options: { readonly segments?: object; readonly args?: readonly string[] } = {},
): Promise<readonly string[]> {
  const { segments, args = [] } = options;
  const owned = Object.fromEntries(
    Object.entries(flags).map(([key, flag]) => [key, { kind: 'permission', owner: 'team', ...flag }]),
  );
  const { run } = halyardIn({ 'flags.json': JSON.stringify({ version: 1, flags: owned, segments }) });
  const { out, err } = await run('check', '--json', ...args);
  expect(err).toBe('');
  const { findings } = JSON.parse(out) as { findings: readonly { rule: string; message: string }[] };
  return findings.map(({ rule, message }) => `${rule} ${message.slice(0, message.indexOf(': '))}`);
}

const rules = (...whens: readonly object[]): object => ({
  rules: whens.map((when) => ({ when, serve: 'on' })),
  serve: 'off',
});

// It is 2026-11-21 at noon.
describe('expired', () => {
  it('finds flags from the moment on at which they expire', async () => {
    expect(
      await found({
        past: { expires: '2026-11-20' },
        now: { expires: '2026-11-21T12:00:00Z' },
        soon: { expires: '2026-11-21T12:00:01Z' },
      }),
    ).toEqual(['expired flags.past.expires', 'expired flags.now.expires']);
  });
});

describe('no-expiry', () => {
  it('finds releases and experiments that are too old, or of unknown age', async () => {
    expect(
      await found({
        old: { kind: 'release', created: '2026-10-01', rollout: 10 },
        young: { kind: 'release', created: '2026-11-01', rollout: 10 },
        unknown: { kind: 'experiment', rollout: 10 },
        ends: { kind: 'release', created: '2026-01-01', expires: '2027-01-01', rollout: 10 },
        permission: { created: '2020-01-01' },
        operational: { kind: 'operational', created: '2020-01-01' },
      }),
    ).toEqual(['no-expiry flags.old', 'no-expiry flags.unknown']);
  });
});

describe('no-owner', () => {
  it('finds flags that nobody answers for', async () => {
    const { run } = halyardIn({
      'flags.yaml': 'version: 1\nflags: { a: { kind: permission }, constructor: { kind: permission } }\n',
    });
    expect((await run('check', '--format', 'github')).out.split('\n').slice(0, 2)).toEqual([
      '::warning file=flags.yaml,line=2,col=10,title=halyard no-owner::flags.a: nobody answers for the flag. Add `owner: the-team`.',
      '::warning file=flags.yaml,line=2,col=35,title=halyard no-owner::flags.constructor: nobody answers for the flag. Add `owner: the-team`.',
    ]);
  });
});

describe('rolled-out', () => {
  const old = { kind: 'release', created: '2026-01-01', expires: '2027-01-01' };

  it.each<[string, object]>([
    ['everyone is served', {}],
    ['it is disabled', { enabled: false, rollout: 10 }],
    ['the rollout is complete', { rollout: 100 }],
    ['the rollout never began', { rollout: 0 }],
    ['the rules say the same', { rules: [{ when: { plan: 'pro' }, serve: 'on' }], rollout: 100 }],
    ['the curve is at its end', { rollout: { curve: 'linear', start: '2026-02-01', hours: 24 } }],
    ['one of the split has all', { variants: { a: 1, b: 2 }, offVariant: 'a', split: { a: 0, b: 1 } }],
  ])('finds an old flag where %s', async (_, flag) => {
    expect(await found({ flag: { ...old, ...flag } })).toEqual(['rolled-out flags.flag']);
  });

  it.each<[string, object]>([
    ['the flag is young', { created: '2026-09-01' }],
    ['it is there for good', { kind: 'operational' }],
    ['some are out', { rollout: 99 }],
    ['targets get something else', { targets: { off: ['ana'] }, serve: 'on' }],
    ['it depends on another flag', { requires: [{ flag: 'other' }] }],
    ['the curve is still to come', { rollout: { curve: 'linear', start: '2027-02-01', hours: 24 } }],
    ['the curve came to its end lately', { rollout: { curve: 'linear', start: '2026-11-01', hours: 24 } }],
    ['a breaker may switch it off', { breaker: {} }],
    ['the split is one', { split: { on: 1, off: 1 } }],
  ])('finds nothing where %s', async (_, flag) => {
    expect(await found({ flag: { ...old, ...flag }, other: { rollout: 10 } })).toEqual([]);
  });
});

describe('rolled-out of flags that require others', () => {
  it('finds those that can serve one variant alone', async () => {
    const old = { kind: 'release', created: '2026-01-01', expires: '2027-01-01', rollout: 10 };
    const requires = (flag: string): object => ({ ...old, requires: [{ flag }] });
    expect(await found({ a: requires('b'), b: { enabled: false }, c: requires('d'), d: {} })).toEqual([
      'rolled-out flags.a',
    ]);
  });
});

describe('unreachable-rule', () => {
  it.each<[string, object]>([
    ['an earlier one is the same', rules({ plan: 'pro' }, { plan: 'pro' })],
    ['an earlier one wants less', rules({ plan: 'pro' }, { plan: 'pro', country: 'US' })],
    ['an earlier one takes more values', rules({ plan: ['pro', 'free'] }, { plan: 'pro' })],
    [
      'an earlier one folds the case',
      rules({ attribute: 'a', operator: 'in', value: ['X'], ignoreCase: true }, { a: 'x' }),
    ],
    [
      'an earlier one excludes less',
      rules(
        { attribute: 'a', operator: 'not_in', value: ['x'] },
        { attribute: 'a', operator: 'not_in', value: ['y', 'x'] },
      ),
    ],
    [
      'an earlier one has a lower limit',
      rules(
        { attribute: 'age', operator: 'greater_than', value: 5 },
        { attribute: 'age', operator: 'greater_or_equal', value: 6 },
      ),
    ],
    ['an earlier one asks for any value', rules({ attribute: 'plan', operator: 'exists' }, { plan: 'pro' })],
    [
      'an earlier one has the alternatives',
      rules({ any: [{ a: 1 }, { b: 1 }, { c: 1 }] }, { any: [{ c: 1 }, { a: 1 }] }),
    ],
    ['an earlier one negates more', rules({ not: { a: 1, b: 1 } }, { not: { a: 1 } })],
    [
      'its parts exclude each other',
      rules({ country: 'DE' }, { all: [{ country: 'US' }, { not: { country: ['US', 'CA'] } }] }),
    ],
    [
      'no number fits',
      rules(
        { a: 1 },
        {
          all: [
            { attribute: 'n', operator: 'greater_than', value: 3 },
            { attribute: 'n', operator: 'less_or_equal', value: 3 },
          ],
        },
      ),
    ],
    [
      'what is absent has no value',
      rules({ a: 1 }, { all: [{ attribute: 'n', operator: 'exists', value: false }, { n: 1 }] }),
    ],
  ])('finds a rule where %s', async (_, flag) => {
    expect((await found({ flag })).map((line) => line.replace('.when', ''))).toEqual([
      'unreachable-rule flags.flag.rules[1]',
    ]);
  });

  it.each<[string, object]>([
    ['it wants less', rules({ plan: 'pro', country: 'US' }, { plan: 'pro' })],
    ['it takes another value', rules({ plan: 'pro' }, { plan: ['pro', 'free'] })],
    [
      'only the earlier one keeps the case',
      rules({ a: 'x' }, { attribute: 'a', operator: 'equals', value: 'x', ignoreCase: true }),
    ],
    [
      'an attribute may be a list',
      rules({ all: [{ country: 'US' }, { attribute: 'country', operator: 'not_in', value: ['CA'] }] }),
    ],
    [
      'limits touch',
      rules({
        all: [
          { attribute: 'n', operator: 'greater_or_equal', value: 3 },
          { attribute: 'n', operator: 'less_or_equal', value: 3 },
        ],
      }),
    ],
    ['the attribute is another', rules({ a: 1 }, { b: 1 })],
    ['`not` and what is missing', rules({ attribute: 'a', operator: 'exists' }, { not: { a: 1 } })],
  ])('finds nothing where %s', async (_, flag) => {
    expect(await found({ flag })).toEqual([]);
  });

  it('sees through segments', async () => {
    const segments = { staff: { email: ['ana', 'bo'] } };
    expect(await found({ flag: rules({ segment: 'staff' }, { email: 'bo' }) }, { segments })).toEqual([
      'unreachable-rule flags.flag.rules[1]',
    ]);
  });

  it('knows when rules hold', async () => {
    const timed = (...when: readonly object[]): object => ({
      rules: when.map((times) => ({ when: { plan: 'pro' }, serve: 'on', ...times })),
      serve: 'off',
    });
    expect(
      await found({
        over: timed({ until: '2026-11-01' }),
        never: timed({ from: '2027-02-01', until: '2027-01-01' }),
        within: timed({ from: '2026-11-01' }, { from: '2027-01-01' }),
        beyond: timed({ until: '2027-01-01' }, {}),
        before: timed({ from: '2027-01-01' }, {}),
      }),
    ).toEqual([
      'unreachable-rule flags.over.rules[0].until',
      'unreachable-rule flags.never.rules[0].from',
      'unreachable-rule flags.within.rules[1]',
    ]);
  });

  it('says once what the parser says too', async () => {
    expect(await found({ flag: { rules: [{ serve: 'on' }, { when: { a: 1 }, serve: 'off' }], serve: 'off' } })).toEqual(
      ['unreachable-rule flags.flag.rules[1]'],
    );
    expect(await found({ flag: rules({ plan: [] }) })).toEqual(['unreachable-rule flags.flag.rules[0].when']);
  });
});

describe('falling-rollout', () => {
  it('finds shares that fall', async () => {
    const start = '2026-11-01';
    expect(
      await found({
        curve: { rollout: { curve: 'linear', from: 50, to: 10, start, hours: 24 } },
        stages: { rollout: { start, stages: [{ percentage: 10, hours: 1 }, { percentage: 5 }] } },
        rule: {
          rules: [{ when: { a: 1 }, rollout: { curve: 'linear', from: 2, to: 1, start, hours: 1 } }],
          serve: 'on',
        },
        growing: { rollout: { start, stages: [{ percentage: 10, hours: 1 }, { percentage: 50 }] } },
      }),
    ).toEqual([
      'falling-rollout flags.curve.rollout.to',
      'falling-rollout flags.stages.rollout.stages[1].percentage',
      'falling-rollout flags.rule.rules[0].rollout.to',
    ]);
  });
});

describe('kill-switch-rollout', () => {
  it('finds kill switches that are not all or nothing', async () => {
    expect(
      await found({
        share: { kind: 'operational', rollout: 10 },
        breaker: { breaker: {}, rules: [{ when: { a: 1 }, rollout: 50 }], serve: 'on' },
        all: { kind: 'operational', rollout: 100 },
        plain: { kind: 'operational', breaker: {} },
        permission: { rollout: 10 },
      }),
    ).toEqual(['kill-switch-rollout flags.share.rollout', 'kill-switch-rollout flags.breaker.rules[0].rollout']);
  });
});

describe('idle-targets', () => {
  it('finds targets that get what everyone gets', async () => {
    expect(
      await found({
        idle: { targets: { on: ['ana'], off: ['bo'] }, serve: 'on' },
        kept: { targets: { on: ['ana'] }, rules: [{ when: { a: 1 }, serve: 'off' }], serve: 'on' },
        first: { targets: { on: ['ana'] }, rollout: 10 },
      }),
    ).toEqual(['idle-targets flags.idle.targets.on']);
  });
});

describe('deep-nesting', () => {
  it('finds what nobody can follow', async () => {
    const chain = { a: {}, b: { requires: [{ flag: 'a' }] }, c: { requires: [{ flag: 'b' }] } };
    const deep = { any: [{ a: 1 }, { not: { any: [{ b: 1 }, { c: 1 }] } }] };
    expect(await found({ ...chain, rule: rules({ any: [{ a: 1 }, { not: { b: 1, c: 1 } }] }) })).toEqual([]);
    expect(await found({ ...chain, d: { requires: [{ flag: 'c' }] }, rule: rules(deep) })).toEqual([
      'deep-nesting flags.d.requires',
      'deep-nesting flags.rule.rules[0].when',
    ]);
  });
});

describe('too-many-flags', () => {
  it('finds the first flag of an owner above the limit', async () => {
    expect(
      await found({ a: {}, b: {}, c: {}, d: { owner: 'other' } }, { args: ['--max-flags-per-owner', '1'] }),
    ).toEqual(['too-many-flags flags.b.owner']);
  });
});

describe('unused-segment', () => {
  it('finds segments that nothing names', async () => {
    expect(await found({ a: {} }, { segments: { staff: { a: 1 } } })).toEqual(['unused-segment segments.staff']);
  });
});
