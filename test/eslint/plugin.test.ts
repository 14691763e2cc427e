import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FLAGS, lintingFolder } from './lint.js';

describe('halyard/known-key', () => {
  it('reports a key that no flag has, with the one that was meant', () => {
    const { lint } = lintingFolder();
    expect(
      lint(`
        import { createHalyard } from 'halyard';
        const halyard = await createHalyard({ store });
        halyard.boolean('new-chekout', false);
        halyard.boolean('new-checkout', false);
        app.get('/', (req, res) => res.send(req.flags.string('colour', 'blue')));
      `),
    ).toEqual([
      'halyard/known-key 4: There is no flag `new-chekout`. Did you mean `new-checkout`?',
      'halyard/known-key 6: There is no flag `colour`.',
    ]);
  });

  it('suggests the right key, in the quotes that stand there', () => {
    const { problems } = lintingFolder();
    const code = `req.flags.boolean("new-chekout", false)`;
    const [problem] = problems(code);
    const fix = problem?.suggestions?.[0]?.fix;
    expect(code.slice(0, fix?.range[0]) + (fix?.text ?? '') + code.slice(fix?.range[1])).toBe(
      `req.flags.boolean("new-checkout", false)`,
    );
  });

  it('sees guards, decorators, clients of OpenFeature and constants', () => {
    const { lint } = lintingFolder();
    expect(
      lint(`
        import { killSwitch } from 'halyard/express';
        import { Flag, KillSwitch } from 'halyard/nestjs';
        const KEYS = { pay: 'paymnets' } as const;
        app.post('/pay', killSwitch(halyard, KEYS.pay), pay);
        class Shop {
          @KillSwitch('paiments') pay(@Flag('dark-mod', false) dark: boolean) { return dark; }
        }
        await OpenFeature.getClient().getBooleanValue('dark_mode', false);
      `),
    ).toEqual([
      'halyard/known-key 5: There is no flag `paymnets`. Did you mean `payments`?',
      'halyard/known-key 7: There is no flag `paiments`. Did you mean `payments`?',
      'halyard/known-key 7: There is no flag `dark-mod`. Did you mean `dark-mode`?',
      'halyard/known-key 9: There is no flag `dark_mode`. Did you mean `dark-mode`?',
    ]);
  });

  it('leaves alone what has nothing to do with flags, and what a test says', () => {
    const { lint } = lintingFolder();
    expect(
      lint(`
        import { z } from 'zod';
        import { testFlags } from 'halyard/testing';
        z.string('nope'); z.object({}); z.boolean('nope');
        const flags = testFlags({ 'any-flag': true });
      `),
    ).toEqual([]);
  });

  it('reads JavaScript as ESLint itself parses it', () => {
    const { lint } = lintingFolder();
    expect(lint(`req.flags.boolean('nope', false);`, { language: 'js' })).toEqual([
      'halyard/known-key 1: There is no flag `nope`.',
    ]);
  });

  it('knows functions that settings name', () => {
    const { lint } = lintingFolder({ 'flags.yaml': FLAGS }, { wrappers: ['isEnabled:1'] });
    expect(lint(`isEnabled(user, 'nope');`)).toEqual(['halyard/known-key 1: There is no flag `nope`.']);
  });

  it('sees an edit of the flag file, as an editor that stays open needs it', () => {
    const { cwd, lint } = lintingFolder();
    expect(lint(`req.flags.boolean('brand-new', false)`)).toHaveLength(1);
    writeFileSync(join(cwd, 'flags.yaml'), `${FLAGS}  brand-new: {}\n`);
    expect(lint(`req.flags.boolean('brand-new', false)`)).toEqual([]);
  });

  it('knows a flag that has errors, and merges several files', () => {
    const files = {
      'a.yaml': 'version: 1\nflags:\n  broken: { nonsense: 1 }\n',
      'b.yaml': 'version: 1\nflags:\n  more: {}\n',
    };
    const { lint } = lintingFolder(files, { flags: ['a.yaml', 'b.yaml'] });
    expect(lint(`req.flags.boolean('broken', false); req.flags.boolean('more', false)`)).toEqual([]);
  });
});

describe('halyard/no-expired', () => {
  it('reports a flag that should be gone, and whose it is', () => {
    const { lint } = lintingFolder();
    expect(lint(`if (req.flags.boolean('old-banner', false)) show();`)).toEqual([
      'halyard/no-expired 1: `old-banner` expired on 2020-02-29 (web-team): remove it, or give it a later `expires`.',
    ]);
  });

  it('knows the lifetime of a kind, which settings can change', () => {
    const flags = { 'flags.yaml': 'version: 1\nflags:\n  quick: { created: 2020-01-01 }\n' };
    const code = `req.flags.boolean('quick', false)`;
    expect(lintingFolder(flags).lint(code)).toHaveLength(1);
    expect(lintingFolder(flags, { lifetimes: { release: null } }).lint(code)).toEqual([]);
  });
});

describe('halyard/no-nested', () => {
  it('reports a flag that is read in a branch of another', () => {
    const { lint } = lintingFolder();
    expect(
      lint(`
        const isNew = req.flags.boolean('new-checkout', false);
        if (isNew) {
          render(req.flags.boolean('dark-mode', false));
        }
      `),
    ).toEqual([
      'halyard/no-nested 4: `dark-mode` is read in a branch of `new-checkout`. Say in the flag file which variant it needs: `requires: [{ flag: new-checkout, variant: … }]`.',
    ]);
  });

  it('leaves branches of keys that no flag has to another rule', () => {
    const { lint } = lintingFolder();
    const found = lint("if (req.flags.boolean('new-chekout', false)) req.flags.boolean('dark-mode', false)");
    expect(found.filter((each) => each.startsWith('halyard/no-nested'))).toEqual([]);
  });
});

describe('halyard/no-nested with `requires`', () => {
  it('leaves alone what the flag file says', () => {
    const needs = FLAGS.replace('dark-mode: {', 'dark-mode: { requires: [{ flag: new-checkout }],');
    const { lint } = lintingFolder({ 'flags.yaml': needs });
    const code = (outer: string): string =>
      `if (req.flags.boolean('${outer}', false)) req.flags.boolean('dark-mode', false)`;
    expect(lint(code('new-checkout'))).toEqual([]);
    expect(lint(code('payments'))).toHaveLength(1);
  });
});

describe('halyard/literal-key', () => {
  it('reports a key that is computed', () => {
    const { lint } = lintingFolder();
    expect(lint('req.flags.boolean(`new-${name}`, false)')).toEqual([
      'halyard/literal-key 1: A flag key should be a text or a constant that holds one: no tool can tell which flag this reads.',
    ]);
  });
});

describe('the settings', () => {
  it('name a file that there is not', () => {
    const { lint } = lintingFolder({}, { flags: 'nope.yaml' });
    expect(() => lint('req.flags.boolean("a", false)')).toThrow(
      /settings\.halyard\.flags: the flags can't be read.*nope\.yaml/s,
    );
  });

  it('are checked', () => {
    const { lint } = lintingFolder({ 'flags.yaml': FLAGS }, { flag: 'flags.yaml' } as never);
    expect(() => lint('x')).toThrow('settings.halyard: unknown option `flag`. Did you mean `flags`?');
  });
});
