import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/stores/flag-store.js';
import { type HalyardCommand, halyardIn } from './halyard-command.js';

const flags = `# The flags of the shop.
version: 1
flags:
  new-checkout: # the big one
    owner: payments-team
    targets: { on: [user_123] }
    rollout: 10
  payments: { kind: operational }
  refunds: { requires: [{ flag: payments }] }
  new-search:
    rollout:
      stages: [{ percentage: 5, minutes: 10 }, { percentage: 50, minutes: 10 }, { percentage: 100 }]
      checks: { maxErrorRate: 0.05 }
`;

interface Shop extends HalyardCommand {
  readonly document: () => string;
  readonly changes: () => readonly Change[];
  readonly state: () => unknown;
}

function shop(text = flags): Shop {
  const command = halyardIn({ 'flags.yaml': text }, { env: { HALYARD_BY: 'ana' } });
  const read = (name: string): string => readFileSync(join(command.cwd, name), 'utf8');
  return {
    ...command,
    document: () => read('flags.yaml'),
    state: () => JSON.parse(read('flags.state.json')) as unknown,
    changes: () =>
      read('flags.audit.jsonl')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Change),
  };
}

/** Versions of files are digests of them. */
const plain = (text: string): string => text.replaceAll(/[0-9a-f]{12}:(\d+)/g, 'VERSION:$1');

describe('halyard disable and enable', () => {
  it('writes `enabled`, leaves comments alone, and tells what changed', async () => {
    const { run, document, changes } = shop();
    const { out, exitCode } = await run('disable', 'new-checkout');
    expect(exitCode).toBe(0);
    expect(plain(out)).toMatchInlineSnapshot(`
      "new-checkout is disabled.
      flags.new-checkout.enabled: (not set) → false
      version VERSION:1
      "
    `);
    expect(document()).toBe(flags.replace('rollout: 10\n', 'rollout: 10\n    enabled: false\n'));
    expect(changes()).toMatchObject([{ by: 'ana', reason: 'halyard disable new-checkout' }]);
  });

  it('says so and writes nothing where it is so already', async () => {
    const { run, document } = shop();
    const { out, exitCode } = await run('enable', 'payments');
    expect(plain(out)).toBe('payments is enabled already. (version VERSION:0)\n');
    expect(exitCode).toBe(0);
    expect(document()).toBe(flags);
  });

  it('tells a program, with who and why', async () => {
    const { run } = shop();
    const { out } = await run('disable', 'payments', '--by', 'ben', '--reason', 'SHOP-1', '--json');
    expect(JSON.parse(out)).toEqual({
      isChanged: true,
      isDryRun: false,
      by: 'ben',
      reason: 'SHOP-1',
      version: expect.stringMatching(/:1$/),
      difference: [{ path: 'flags.payments.enabled', after: false }],
    });
  });

  it('names the flag that was meant', async () => {
    const { run } = shop();
    expect(await run('disable', 'paymets')).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('Did you mean `payments`?'),
    });
  });

  it('warns that a kill goes on', async () => {
    const { run } = shop(flags.replace('kind: operational', 'enabled: false'));
    await run('kill', 'payments', '--reason', 'INC-42');
    const { err } = await run('enable', 'payments');
    expect(err).toBe(
      'payments stays off: it is killed by ana, because: INC-42. To end that: halyard restore payments\n',
    );
  });

  it('shows a change and writes nothing as a dry run', async () => {
    const { run, document } = shop();
    const { out } = await run('disable', 'payments', '--dry-run');
    expect(plain(out)).toMatchInlineSnapshot(`
      "A dry run: nothing is written. This would change:
      flags.payments.enabled: (not set) → false
      version VERSION:0
      "
    `);
    expect(document()).toBe(flags);
  });

  it('lets the first of two writers win where both expect a version, and exits with 4', async () => {
    const { run } = shop();
    const { version } = JSON.parse((await run('disable', 'payments', '--dry-run', '--json')).out) as Change;
    const both = await Promise.all([
      run('disable', 'payments', '--expected-version', version),
      run('rollout', 'new-checkout', '20', '--expected-version', version),
    ]);
    expect(both.map(({ exitCode }) => exitCode).sort()).toEqual([0, 4]);
    expect(both.find(({ exitCode }) => exitCode === 4)?.err).toContain('somebody else changed it');
  });

  it('refuses a source that can only be read, before it asks it anything', async () => {
    const { run } = shop();
    expect(await run('disable', 'payments', '--store', 'https://flags.example.com/sync')).toMatchObject({
      exitCode: 3,
      err: expect.stringContaining('can only be read. Write where its flags come from'),
    });
  });

  it('exits with 5 where nobody keeps a list of instances, though it is written', async () => {
    const { run, document } = shop();
    const { exitCode, err, out } = await run('disable', 'payments', '--wait', '1');
    expect(exitCode).toBe(5);
    expect(out).toContain('payments is disabled.');
    expect(err).toContain('keeps no list of the instances');
    expect(document()).toContain('enabled: false');
  });
});

describe('halyard kill and restore', () => {
  it('switches a flag off for a time, and on again', async () => {
    const { run, state, document } = shop();
    expect(plain((await run('kill', 'payments', '--reason', 'INC-42', '--for', '30m')).out)).toMatchInlineSnapshot(`
      "payments is off on every instance until 2026-11-21T12:30:00Z.
      state.kills.payments: added
        + at: 2026-11-21T12:00:00.000Z
        + by: ana
        + reason: INC-42
        + until: 2026-11-21T12:30:00.000Z
      version VERSION:1
      "
    `);
    expect(document()).toBe(flags);
    expect((await run('list')).out).toMatch(/payments\s+killed/);
    expect((await run('restore', 'payments', '--rollout', '5')).out).toContain('with 5 % rolled out');
    expect(state()).not.toHaveProperty('kills.payments');
    expect(document()).toContain('payments: { kind: operational, rollout: 5 }');
  });

  it('leaves a kill alone that lasts longer', async () => {
    const { run } = shop();
    await run('kill', 'payments', '--reason', 'INC-42');
    const { out, exitCode } = await run('kill', 'payments', '--reason', 'INC-43', '--for', '2h');
    expect(plain(out)).toBe('payments is off already: killed by ana, because: INC-42. (version VERSION:1)\n');
    expect(exitCode).toBe(0);
  });

  it('says so where there is nothing to restore', async () => {
    const { run } = shop();
    expect((await run('restore', 'payments')).out).toContain("payments isn't killed");
  });

  it('kills while the document is broken', async () => {
    const { run, state, cwd } = shop();
    writeFileSync(join(cwd, 'flags.yaml'), 'version: 1\nflags:\n  payments: { rolout: 5 \n');
    const { exitCode, err } = await run('kill', 'payments', '--reason', 'INC-42');
    expect(exitCode).toBe(0);
    expect(err).toContain('flags.yaml:');
    expect(state()).toMatchObject({ kills: { payments: { reason: 'INC-42' } } });
  });

  it('needs a reason, a time that can be meant, and a flag unless it is yet to come', async () => {
    const { run } = shop();
    expect(await run('kill', 'payments')).toMatchObject({ exitCode: 2, err: expect.stringContaining('--reason') });
    expect(await run('kill', 'payments', '--reason', 'x', '--for', '5')).toMatchObject({
      exitCode: 2,
      err: 'halyard: --for: expected a time such as 90s, 30m, 2h or 1d, found 5.\n',
    });
    expect(await run('kill', 'paymets', '--reason', 'x')).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('Did you mean `payments`? To switch off a key that is yet to come: --create'),
    });
    expect(await run('kill', 'next-flag', '--reason', 'x', '--create')).toMatchObject({ exitCode: 0 });
  });

  it('heeds no switch of the shell', async () => {
    const { run, state } = shop();
    process.env['HALYARD_KILL'] = 'payments';
    try {
      await run('kill', 'payments', '--reason', 'INC-42');
      const { err } = await run('restore', 'payments');
      expect(err).toBe('');
      expect(state()).not.toHaveProperty('kills.payments');
    } finally {
      delete process.env['HALYARD_KILL'];
    }
  });
});

describe('halyard rollout', () => {
  it('sets the share', async () => {
    const { run, document } = shop();
    expect((await run('rollout', 'new-checkout', '25%')).out).toContain('flags.new-checkout.rollout: 10 → 25\n');
    expect(document()).toBe(flags.replace('rollout: 10', 'rollout: 25'));
  });

  it('refuses to take the place of a watched rollout, says what would be lost, and does it when forced', async () => {
    const { run, document, state } = shop();
    await run('rollout', 'new-search', '--stage', '2');
    const { err, exitCode } = await run('rollout', 'new-search', '25');
    expect(exitCode).toBe(1);
    expect(err).toContain('take its `stages`, `checks` out of the document, and how far it has come out of the state');
    expect((await run('rollout', 'new-search', '25', '--force')).exitCode).toBe(0);
    expect(document()).toContain('rollout: 25\n');
    expect(state()).not.toHaveProperty('rollouts.new-search');
  });

  it('steers a watched one, and says why it stays where it is', async () => {
    const { run, state } = shop();
    expect(await run('rollout', 'new-search', '--pause')).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('--pause needs one that is running'),
    });
    await run('rollout', 'new-search', '--stage', '2');
    expect((await run('rollout', 'new-search', '--pause')).out).toContain(
      'The rollout of new-search is paused, at 50 % (its stages: 5 %, 50 %, 100 %).\n',
    );
    expect((await run('rollout', 'new-search', '--pause')).out).toContain('is paused already');
    await run('rollout', 'new-search', '--rollback', '--reason', 'INC-7');
    expect(state()).toMatchObject({ rollouts: { 'new-search': { status: 'rolled-back', reason: 'INC-7' } } });
    await run('rollout', 'new-search', '--restart', '--force');
    expect(state()).toMatchObject({ rollouts: { 'new-search': { status: 'running', stage: 0 } } });
  });

  it('wants one thing at a time', async () => {
    const { run } = shop();
    for (const args of [[], ['5', '--pause'], ['--pause', '--resume'], ['500'], ['--stage', 'x']]) {
      expect(await run('rollout', 'new-search', ...args)).toMatchObject({ exitCode: 2, out: '' });
    }
  });
});

describe('halyard target', () => {
  it('names units for a variant, and takes them away from others', async () => {
    const { run, document } = shop();
    const { out } = await run('target', 'new-checkout', 'off', 'user_123', 'user_9');
    expect(out).toContain('new-checkout serves off to user_123, user_9.\n');
    expect(document()).toContain('targets: { off: [user_123, user_9] }');
    expect((await run('target', 'new-checkout', 'off', 'user_9')).out).toContain('already');
    await run('target', 'new-checkout', 'off', 'user_123', 'user_9', '--remove');
    expect(document()).not.toContain('targets');
  });

  it('names the variant that was meant', async () => {
    const { run } = shop();
    expect(await run('target', 'new-checkout', 'onn', 'user_1')).toMatchObject({
      exitCode: 1,
      err: 'halyard: `onn` is no variant of new-checkout. Its variants: on, off. Did you mean `on`?\n',
    });
  });
});

describe('halyard create and delete', () => {
  it('adds a flag that serves nobody yet', async () => {
    const { run, document } = shop();
    await run('create', 'next', '--owner', 'shop-team', '--ticket', 'SHOP-3', '--expires', '2027-06-01');
    expect(document().slice(flags.length)).toBe(
      '  next:\n    owner: shop-team\n    ticket: SHOP-3\n    created: 2026-11-21\n    expires: 2027-06-01\n    rollout: 0\n',
    );
    expect((await run('eval', 'next', '--unit', 'user-1')).out).toContain('false');
  });

  it('adds an experiment', async () => {
    const { run } = shop();
    const create = (second: string, name: string): ReturnType<typeof run> =>
      run(...`create color --variant control=blue ${second} --rollout 20 --split control=50 ${name}=50`.split(' '));
    expect(await create('size=10', 'size')).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('must be of one type'),
    });
    expect((await create('a=green', 'a')).exitCode).toBe(0);
    expect((await run('list')).out).toContain('20 % of control 50 / a');
  });

  it('refuses a key that is there, or that is none', async () => {
    const { run } = shop();
    expect(await run('create', 'payments')).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('has a flag `payments` already'),
    });
    expect(await run('create', 'no key')).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining("can't be a flag's key"),
    });
  });

  it('removes a flag that is meant, and none that another requires', async () => {
    const { run, document } = shop();
    expect(await run('delete', 'payments', '--yes')).toMatchObject({
      exitCode: 1,
      err: "halyard: payments can't go: `refunds` requires it. Take it out of their `requires` first.\n",
    });
    expect(await run('delete', 'refunds')).toMatchObject({ exitCode: 2, err: expect.stringContaining('--yes') });
    expect(document()).toBe(flags);
    expect((await run('delete', 'refunds', '--yes')).out).toContain('flags.refunds: removed\n');
    expect(document()).not.toContain('refunds');
  });
});
