import { OpenFeature } from '@openfeature/server-sdk';
import express from 'express';
import fc from 'fast-check';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FlagDocumentError } from 'halyard';
import { flags as flagsOf, killSwitch } from 'halyard/express';
import { type FlagSource, type TestFlags, testFlags, type TestFlagsOptions } from 'halyard/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { closeAll, shop } from './shop.js';

const open: TestFlags[] = [];
afterEach(() => closeAll(open));

function start(source: FlagSource, options?: TestFlagsOptions): TestFlags {
  const flags = testFlags(source, options);
  open.push(flags);
  return flags;
}

describe('testFlags with answers', () => {
  it('serves them at once', () => {
    const flags = start({ 'new-checkout': true, dark: false, color: 'a', limit: 10, theme: { hue: 20 }, odd: '7' });
    expect(flags.boolean('new-checkout', false)).toBe(true);
    expect(flags.boolean('dark', true)).toBe(false);
    expect(flags.details('color', 'none')).toMatchObject({ value: 'a', variant: 'a', reason: 'STATIC' });
    expect(flags.number('limit', 0)).toBe(10);
    expect(flags.object('theme', {})).toEqual({ hue: 20 });
    expect(flags.string('odd', '')).toBe('7');
  });

  it('is ready for those who wait for it', async () => {
    const flags = start({ 'new-checkout': true });
    await OpenFeature.setProviderAndWait('kit-ready', flags.provider);
    expect(await OpenFeature.getClient('kit-ready').getBooleanValue('new-checkout', false)).toBe(true);
    expect(flags.health()).toMatchObject({ status: 'ready', flags: 1, source: 'memory' });
  });

  it('leaves the environment alone', () => {
    vi.stubEnv('HALYARD_KILL', 'new-checkout');
    vi.stubEnv('HALYARD_FLAGS', 'new-checkout=off');
    expect(start({ 'new-checkout': true }).boolean('new-checkout', false)).toBe(true);
    vi.unstubAllEnvs();
  });

  it('refuses what is no source, and options that there are not', () => {
    expect(() => testFlags(7 as never)).toThrow(/^testFlags: expected answers by flag key.*found 7/);
    expect(() => testFlags({}, { nwo: 0 } as never)).toThrow('testFlags: unknown option `nwo`. Did you mean `now`?');
    expect(() => testFlags({}, { now: 'tomorrow' })).toThrow('found "tomorrow"');
  });
});

describe('testFlags with a document', () => {
  it('evaluates its rules', () => {
    const flags = start(shop);
    expect(flags.details('new-checkout', false, { targetingKey: 'u', role: 'staff' })).toMatchObject({
      value: true,
      rule: 'staff',
    });
  });

  it('reads files, of which later win', () => {
    const folder = mkdtempSync(join(tmpdir(), 'halyard-kit-'));
    const [base, overlay] = [join(folder, 'flags.yaml'), join(folder, 'test.yaml')];
    writeFileSync(base, 'version: 1\nflags:\n  checkout: { serve: off }\n  search: {}\n');
    writeFileSync(overlay, 'flags:\n  checkout: { serve: on }\n');
    expect(start(base).all()).toEqual({ checkout: false, search: true });
    expect(start([base, overlay]).all()).toEqual({ checkout: true, search: true });
    writeFileSync(overlay, 'flags:\n  checkout: { percentage: 10 }\n');
    expect(() => testFlags([base, overlay])).toThrow(FlagDocumentError);
    expect(() => testFlags([base, overlay])).toThrow(`${overlay}:2:15`);
    rmSync(folder, { recursive: true });
  });

  it('puts answers in the place of rules, switches and prerequisites', () => {
    const flags = start(shop, { answers: { 'old-checkout': true, 'express-pay': true, 'button-color': 'b' } });
    expect(flags.boolean('old-checkout', false)).toBe(true);
    expect(flags.boolean('express-pay', false)).toBe(true);
    expect(flags.details('button-color', '')).toMatchObject({ value: 'red', variant: 'b', kind: 'experiment' });
  });

  it('takes an answer by its value, too', () => {
    expect(start(shop, { answers: { 'button-color': 'green' } }).details('button-color', '').variant).toBe('a');
  });

  it('refuses answers that a flag can not give, and flags that there are not', () => {
    expect(() => testFlags(shop, { answers: { 'button-color': 'c' } })).toThrow(
      '`button-color` has no variant "c": its variants are control ("blue"), a ("green"), b ("red").',
    );
    expect(() => testFlags(shop, { answers: { 'new-chekout': true } })).toThrow(
      'No flag has the key `new-chekout`. Did you mean `new-checkout`?',
    );
  });
});

describe('a key that there is not', () => {
  const message = 'No flag has the key `new-chekout`. Did you mean `new-checkout`?';

  it('throws where it is read, and again when all ends', async () => {
    const flags = testFlags({ 'new-checkout': true });
    expect(() => flags.boolean('new-chekout', false)).toThrow(new TypeError(message));
    expect(() => flags.details('new-chekout', false)).toThrow(message);
    await expect(flags.close()).rejects.toThrow(message);
    await expect(flags.close()).resolves.toBeUndefined();
  });

  it('is told when all ends where a client of OpenFeature served its default', async () => {
    const flags = testFlags({ 'new-checkout': true });
    await OpenFeature.setProviderAndWait('kit-unknown', flags.provider);
    const details = await OpenFeature.getClient('kit-unknown').getBooleanDetails('new-chekout', false);
    expect(details).toMatchObject({ value: false, errorMessage: message });
    await expect(flags.close()).rejects.toThrow(message);
  });

  it('fails a request that reads it, and is told when all ends', async () => {
    const flags = testFlags({ 'new-checkout': true });
    const app = express();
    app.use(flagsOf(flags));
    app.get('/', (req, res) => {
      res.send(req.flags.boolean('new-chekout', false));
    });
    const server = app.listen(0);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } });
    expect(response.status).toBe(500);
    expect(await response.text()).toContain(message);
    server.close();
    await expect(flags.close()).rejects.toThrow(message);
  });

  it('can not be that of a guard', () => {
    const flags = start({ 'new-checkout': true });
    expect(() => killSwitch(flags, 'new-chekout')).toThrow(message);
  });

  it('serves the default where that is wanted', async () => {
    const flags = testFlags({ 'new-checkout': true }, { unknownKeys: 'default' });
    expect(flags.boolean('new-chekout', true)).toBe(true);
    await expect(flags.close()).resolves.toBeUndefined();
  });
});

describe('set', () => {
  it('changes what everyone reads at once, and tells', () => {
    const flags = start({ 'new-checkout': true, color: 'a' });
    const changed: (readonly string[])[] = [];
    flags.on('change', ({ flagKeys }) => changed.push(flagKeys));
    flags.set({ 'new-checkout': false });
    expect(flags.boolean('new-checkout', true)).toBe(false);
    flags.set({ color: 'b' });
    expect(flags.string('color', '')).toBe('b');
    expect(changed).toEqual([['new-checkout'], ['color']]);
  });

  it('goes back to the rules with undefined', () => {
    const flags = start(shop, { answers: { 'new-checkout': false } });
    const staff = { targetingKey: 'u', role: 'staff' };
    expect(flags.boolean('new-checkout', true, staff)).toBe(false);
    flags.set({ 'new-checkout': undefined });
    expect(flags.boolean('new-checkout', false, staff)).toBe(true);
  });

  it('knows flags that came later', () => {
    const flags = start({ 'new-checkout': true });
    flags.store.set({ version: 1, flags: { search: { rollout: 0 } } });
    flags.set({ search: true });
    expect(flags.all()).toEqual({ search: true });
  });

  it('stays what it is when the store is followed', async () => {
    const flags = start({ count: 0 });
    const seen: number[] = [];
    flags.on('change', () => seen.push(flags.number('count', -1)));
    for (let count = 1; count <= 20; count += 1) {
      flags.set({ count });
      if (count % 5 === 0) await flags.refresh();
      expect(flags.number('count', -1)).toBe(count);
    }
    await flags.refresh();
    expect(seen).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });

  it('leaves kills alone, which work as in production', async () => {
    const flags = start({ payments: true });
    await flags.kill('payments', { by: 'ana', reason: 'down' });
    flags.set({ payments: true });
    expect(flags.details('payments', true)).toMatchObject({ value: false, reason: 'DISABLED' });
    await flags.restore('payments', { by: 'ana', reason: 'up' });
    expect(flags.boolean('payments', false)).toBe(true);
  });
});

describe('the clock', () => {
  it('stands still, is set and advanced, and tells what that changes', () => {
    const flags = start(shop, { now: '2026-12-31T22:59:00Z' });
    const changed: unknown[] = [];
    flags.on('change', ({ flagKeys, cause }) => changed.push([flagKeys, cause]));
    expect(flags.boolean('new-year', true)).toBe(false);
    flags.clock.advance({ hours: 1, minutes: 1 });
    expect(flags.boolean('new-year', false)).toBe(true);
    expect(changed).toEqual([[['new-year'], 'time']]);
    flags.clock.set(new Date('2026-12-31'));
    expect(flags.boolean('new-year', true)).toBe(false);
  });

  it('refuses what is no time', () => {
    const { clock } = start(shop);
    expect(() => clock.set('2027-01-10 09:00')).toThrow('found "2027-01-10 09:00"');
    expect(() => clock.advance({ weeks: 1 } as never)).toThrow('found { weeks: 1 }');
  });

  it('is that of breakers', () => {
    const document = {
      version: 1,
      flags: { pay: { kind: 'operational', breaker: { minimumRequests: 2, cooldownSeconds: 30 } } },
    } as const;
    const flags = start(document);
    const fail = (): never => {
      throw new Error('down');
    };
    for (let call = 0; call < 2; call += 1) expect(() => flags.protect('pay', fail)).toThrow('down');
    expect(flags.protect('pay', () => 'paid', { fallback: () => 'later' })).toBe('later');
    flags.clock.advance({ seconds: 31 });
    expect(flags.protect('pay', () => 'paid', { fallback: () => 'later' })).toBe('paid');
  });
});

describe('pin', () => {
  it('gives one unit a variant, and leaves the others where they were', () => {
    const flags = start(shop);
    const other = flags.unitIn('button-color', 'control');
    flags.pin('user-1', 'button-color', 'b');
    expect(flags.string('button-color', '', { targetingKey: 'user-1' })).toBe('red');
    expect(flags.string('button-color', '', { targetingKey: other })).toBe('blue');
    flags.pin('user-1', 'button-color', 'a');
    expect(flags.string('button-color', '', { targetingKey: 'user-1' })).toBe('green');
  });

  it('works on answers, also with a variant that they lack', () => {
    const flags = start({ 'new-checkout': false, color: 'a' });
    flags.pin(7, 'new-checkout', true);
    flags.pin('user-1', 'color', 'b');
    expect(flags.boolean('new-checkout', false, { targetingKey: 7 })).toBe(true);
    expect(flags.boolean('new-checkout', false, { targetingKey: 8 })).toBe(false);
    expect(flags.string('color', '', { targetingKey: 'user-1' })).toBe('b');
    expect(flags.string('color', '', { targetingKey: 'user-2' })).toBe('a');
  });

  it('works on a flag that serves everyone', () => {
    const flags = start({ version: 1, flags: { search: {} } });
    flags.pin('user-1', 'search', false);
    expect(flags.boolean('search', true, { targetingKey: 'user-1' })).toBe(false);
    expect(flags.boolean('search', false, { targetingKey: 'user-2' })).toBe(true);
  });

  it('says when it has no effect', () => {
    const flags = start(shop);
    expect(() => flags.pin('user-1', 'old-checkout', true)).toThrow('The pin of "user-1" has no effect.');
    expect(() => flags.pin('user-1', 'express-pay', true)).toThrow(/has no effect[^]*new-checkout/);
    expect(() => flags.pin('user-1', 'button-color', 'c')).toThrow('its variants are control');
  });
});

describe('unitIn', () => {
  it('finds a unit for every variant', () => {
    const flags = start(shop);
    for (const [variant, value] of Object.entries({ control: 'blue', a: 'green', b: 'red' })) {
      const targetingKey = flags.unitIn('button-color', variant);
      expect(flags.string('button-color', '', { targetingKey })).toBe(value);
    }
    expect(flags.boolean('new-checkout', false, { targetingKey: flags.unitIn('new-checkout', true) })).toBe(true);
    expect(flags.boolean('new-checkout', true, { targetingKey: flags.unitIn('new-checkout', false) })).toBe(false);
  });

  it('agrees with evaluation, whatever the shares', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 2, maxLength: 5 }),
        fc.integer({ min: 5, max: 100 }),
        fc.nat(),
        fc.string({ minLength: 1, maxLength: 10, unit: 'grapheme-ascii' }),
        (weights, rollout, choice, seed) => {
          const names = weights.map((_, index) => `v${index}`);
          const flag = {
            variants: Object.fromEntries(names.map((name) => [name, name])),
            offVariant: names[0]!,
            seed,
            rollout,
            split: Object.fromEntries(names.map((name, index) => [name, weights[index]!])),
          };
          const flags = start({ version: 1, flags: { flag } });
          const variant = names[choice % names.length]!;
          const targetingKey = flags.unitIn('flag', variant);
          expect(flags.details('flag', '', { targetingKey }).variant).toBe(variant);
          expect(flags.evaluated).toHaveLength(1);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('finds units of other attributes, and by rules', () => {
    const flags = start(shop);
    const company = flags.unitIn('company-theme', 'on');
    expect(flags.boolean('company-theme', false, { company })).toBe(true);
    expect(flags.unitIn('new-checkout', 'on', { role: 'staff' })).toBe('unit-0');
    const unit = flags.unitIn('express-pay', 'on');
    expect(flags.boolean('new-checkout', false, { targetingKey: unit })).toBe(true);
  });

  it('says who gets what where nobody gets the variant', () => {
    const flags = start(shop);
    expect(() => flags.unitIn('new-checkout', false, { role: 'staff' })).toThrow(
      '`new-checkout` gives nobody the variant `off`. It gave on 100000 times.',
    );
    expect(() => flags.unitIn('old-checkout', true)).toThrow('It gave off 1 times.');
    expect(() => flags.unitIn('button-color', 'c')).toThrow('its variants are control, a, b');
    expect(() => flags.unitIn('button-colour', 'a')).toThrow('Did you mean `button-color`?');
  });
});
