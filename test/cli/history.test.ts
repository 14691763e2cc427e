import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type HalyardCommand, halyardIn } from './halyard-command.js';

const flags = `version: 1
flags:
  # Ramps up.
  new-checkout: { owner: payments-team, rollout: 10 }
  payments: { kind: operational }
  search.ranking: { rollout: 5 }
`;

const shop = (): HalyardCommand => halyardIn({ 'flags.yaml': flags }, { env: { HALYARD_BY: 'ana' }, now: Date.now });

const documentOf = ({ cwd }: HalyardCommand): string => readFileSync(join(cwd, 'flags.yaml'), 'utf8');

/** Without when it was, which is another each time. */
const plain = (text: string): string => text.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d/g, 'YYYY-MM-DD HH:MM');

describe('halyard history', () => {
  it('says who changed what, when and why, newest first', async () => {
    const { run } = shop();
    await run('rollout', 'new-checkout', '25', '--reason', 'SHOP-12');
    await run('kill', 'payments', '--reason', 'INC-42');
    await run('restore', 'payments', '--by', 'ben');
    await run('target', 'search.ranking', 'on', 'user-1');
    expect(plain((await run('history')).out)).toMatchInlineSnapshot(`
      "WHEN (UTC)        VERSION  WHO  WHAT                          WHY
      YYYY-MM-DD HH:MM        4  ana  search.ranking.targets added  halyard target se…
      YYYY-MM-DD HH:MM        3  ben  payments restored             halyard restore p…
      YYYY-MM-DD HH:MM        2  ana  payments killed               INC-42
      YYYY-MM-DD HH:MM        1  ana  new-checkout.rollout 10 → 25  SHOP-12
      "
    `);
    expect((await run('history', '--limit', '1')).out.trimEnd().split('\n')).toHaveLength(2);
  });

  it('tells of one flag alone, whose key may have dots in it', async () => {
    const { run } = shop();
    await run('rollout', 'search.ranking', '6');
    await run('create', 'search');
    const told = JSON.parse((await run('history', 'search.ranking', '--json')).out) as object[];
    expect(told).toMatchObject([
      { by: 'ana', difference: [{ path: 'flags.search.ranking.rollout', before: 5, after: 6 }] },
    ]);
    expect(JSON.parse((await run('history', 'search', '--json')).out)).toMatchObject([
      { difference: [{ path: 'flags.search' }] },
    ]);
  });

  it('begins where it is told to', async () => {
    const { run } = shop();
    await run('disable', 'payments');
    expect((await run('history', '--since', '2h')).out).toContain('payments.enabled');
    expect((await run('history', '--since', '2099-01-01')).out).toBe('No changes.\n');
    expect(await run('history', '--since', 'yesterday')).toMatchObject({ exitCode: 2 });
  });

  it('names the flag that was meant, and knows those that are gone', async () => {
    const { run } = shop();
    await run('delete', 'payments', '--yes');
    expect((await run('history', 'payments')).out).toContain('payments removed');
    expect(await run('history', 'new-chekout')).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('Did you mean `new-checkout`?'),
    });
  });

  it('is not to be had from a source that is only read', async () => {
    const { run } = shop();
    expect(await run('history', '--store', 'https://flags.example.com')).toMatchObject({
      exitCode: 3,
      err: expect.stringContaining('keeps no history'),
    });
  });
});

describe('halyard revert', () => {
  const changed = async (): Promise<HalyardCommand> => {
    const command = shop();
    await command.run('rollout', 'new-checkout', '25');
    await command.run('target', 'new-checkout', 'on', 'user-1');
    await command.run('create', 'next');
    await command.run('kill', 'payments', '--reason', 'INC-42');
    await command.run('delete', 'search.ranking', '--yes');
    return command;
  };

  it('puts the document back to what it was at a version, and leaves kills alone', async () => {
    const command = await changed();
    const { out, exitCode } = await command.run('revert', '1');
    expect(exitCode).toBe(0);
    expect(out).toContain('flags.search.ranking: added');
    expect(documentOf(command)).toBe(flags.replace('rollout: 10', 'rollout: 25'));
    expect((await command.run('list')).out).toMatch(/payments\s+killed/);
  });

  it('undoes that version, too, and is undone like every change', async () => {
    const command = await changed();
    await command.run('revert', '1', '--before', '--reason', 'SHOP-13');
    expect(documentOf(command)).toBe(flags);
    expect((await command.run('history', '--limit', '1')).out).toContain('SHOP-13');
    await command.run('revert', '5');
    const list = JSON.parse((await command.run('list', '--json')).out) as { readonly key: string }[];
    expect(list.map(({ key }) => key)).toEqual(['new-checkout', 'payments', 'next']);
  });

  it('shows what it would do as a dry run', async () => {
    const command = await changed();
    const before = documentOf(command);
    const { out } = await command.run('revert', '4', '--dry-run');
    expect(out).toContain('A dry run: nothing is written.');
    expect(out).toContain('flags.search.ranking: added\n  + rollout: 5\n');
    expect(documentOf(command)).toBe(before);
  });

  it('says so where it is so already', async () => {
    const { run } = await changed();
    expect((await run('revert', '5')).out).toContain('The document is what it was at version 5 already.');
  });

  it('refuses a version that the history does not reach', async () => {
    const { run } = await changed();
    expect(await run('revert', '77')).toMatchObject({
      exitCode: 1,
      err: expect.stringMatching(/has no version 77\. It goes back to [0-9a-f]+:1, of /),
    });
  });

  it('refuses where somebody has edited in an editor what a version changed', async () => {
    const command = await changed();
    writeFileSync(join(command.cwd, 'flags.yaml'), documentOf(command).replace('rollout: 25', 'rollout: 33'));
    const { err, exitCode } = await command.run('revert', '1', '--before');
    expect(exitCode).toBe(1);
    expect(err).toMatch(/flags\.new-checkout\.rollout isn't what version \S+ made of it: expected 25, found 33\./);
  });

  it('lets what was edited elsewhere stay, and says so', async () => {
    const command = await changed();
    writeFileSync(join(command.cwd, 'flags.yaml'), documentOf(command).replace('payments-team', 'shop-team'));
    const { err, exitCode } = await command.run('revert', '2');
    expect(exitCode).toBe(0);
    expect(err).toContain('was changed past Halyard since version');
    expect(documentOf(command)).toContain('shop-team');
  });
});

describe('halyard audit verify', () => {
  it('says that a file has no chain', async () => {
    const { run } = shop();
    expect(await run('audit', 'verify')).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('keeps its history without a chain'),
    });
  });
});
