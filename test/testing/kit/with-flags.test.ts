import { OpenFeature } from '@openfeature/server-sdk';
import express from 'express';
import Koa from 'koa';
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createHalyard, type Halyard, memoryStore } from 'halyard';
import { flags as flagsOf, killSwitch, requireFlag } from 'halyard/express';
import { flags as koaFlags, type FlagsState } from 'halyard/koa';
import { type TestFlags, testFlags, withFlags } from 'halyard/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { closeAll, shop } from './shop.js';

const open: { close(): Promise<void> }[] = [];
afterEach(() => closeAll(open));

function start(): TestFlags {
  const flags = testFlags(shop, { answers: { 'new-checkout': false, 'button-color': 'control' } });
  open.push(flags);
  return flags;
}

function appOf(halyard: Halyard): express.Express {
  const app = express();
  app.use(flagsOf(halyard, { context: () => ({ targetingKey: 'user-1' }) }));
  app.get('/color', (req, res) => {
    res.send(req.flags.string('button-color', 'none'));
  });
  app.get('/guarded', requireFlag(halyard, 'new-checkout'), (_req, res) => {
    res.send('in');
  });
  app.get('/switched', killSwitch(halyard, 'old-checkout'), (_req, res) => {
    res.send('on');
  });
  return app;
}

/** What a new server answers, as supertest starts one for each request. */
async function ask(app: { listen(port: number): Server }, path: string): Promise<string> {
  const server = app.listen(0);
  await once(server, 'listening');
  try {
    return await get(server.address() as AddressInfo, path);
  } finally {
    server.close();
  }
}

async function get({ port }: AddressInfo, path: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close' } });
  return response.ok ? await response.text() : String(response.status);
}

describe('withFlags', () => {
  it('answers inside, and nowhere else', async () => {
    const flags = start();
    const read = () => flags.boolean('new-checkout', false);
    expect(flags.withFlags({ 'new-checkout': true }, read)).toBe(true);
    expect(read()).toBe(false);
    const inside = flags.withFlags({ 'new-checkout': true }, async () => {
      await nextTurn();
      return read();
    });
    expect(read()).toBe(false);
    expect(await inside).toBe(true);
    expect(read()).toBe(false);
  });

  it('adds up where calls are nested, and the inner one wins', () => {
    const flags = start();
    const read = () => [flags.boolean('new-checkout', false), flags.string('button-color', '')];
    flags.withFlags({ 'new-checkout': true, 'button-color': 'a' }, () => {
      expect(flags.withFlags({ 'button-color': 'b' }, read)).toEqual([true, 'red']);
      expect(flags.withFlags({ 'new-checkout': undefined }, read)).toEqual([false, 'green']);
      expect(read()).toEqual([true, 'green']);
    });
  });

  it('keeps runs at the same time apart', async () => {
    const flags = start();
    const variants = ['control', 'a', 'b'];
    const values = ['blue', 'green', 'red'];
    const run = (index: number) =>
      flags.withFlags({ 'button-color': variants[index % 3] }, async () => {
        const seen = new Set<string>();
        for (let turn = 0; turn < 5 + (index % 7); turn += 1) {
          seen.add(flags.string('button-color', 'none', { targetingKey: `user-${turn}` }));
          await nextTurn();
        }
        return [...seen];
      });
    const seen = await Promise.all(Array.from({ length: 100 }, (_, index) => run(index)));
    expect(seen).toEqual(seen.map((_, index) => [values[index % 3]]));
    expect(flags.string('button-color', '')).toBe('blue');
  });

  it('reaches flags that require the one that is named', () => {
    const flags = start();
    const read = () => flags.boolean('express-pay', false);
    expect(read()).toBe(false);
    expect(flags.withFlags({ 'new-checkout': true }, read)).toBe(true);
  });

  it('wins over kills and overrides, and over what changes meanwhile', async () => {
    const flags = start();
    await flags.kill('new-checkout', { by: 'ana', reason: 'down' });
    flags.override('button-color', 'a');
    flags.withFlags({ 'new-checkout': true, 'button-color': 'b' }, () => {
      const changed: (readonly string[])[] = [];
      flags.on('change', ({ flagKeys }) => changed.push(flagKeys));
      flags.set({ 'button-color': 'control', 'company-theme': true });
      expect(flags.boolean('new-checkout', false)).toBe(true);
      expect(flags.string('button-color', '')).toBe('red');
      expect(flags.all()).toMatchObject({ 'new-checkout': true, 'button-color': 'red', 'company-theme': true });
      expect(flags.explain('button-color').variant).toBe('b');
      // For those outside: an override hides the other.
      expect(changed).toEqual([['company-theme']]);
    });
  });

  it('reaches requests, and guards, of a server that listens inside', async () => {
    const flags = start();
    const app = appOf(flags);
    const paths = ['/color', '/guarded', '/switched'];
    const all = () => Promise.all(paths.map((path) => ask(app, path)));
    const answers = { 'button-color': 'b', 'new-checkout': true, 'old-checkout': true };
    const [inside, outside] = await Promise.all([flags.withFlags(answers, all), all()]);
    expect(inside).toEqual(['red', 'in', 'on']);
    expect(outside).toEqual(['blue', '404', '503']);
  });

  it('does not reach a server that has listened before', async () => {
    const flags = start();
    const server = appOf(flags).listen(0);
    await once(server, 'listening');
    const inside = await flags.withFlags({ 'button-color': 'b' }, () => get(server.address() as AddressInfo, '/color'));
    server.close();
    expect(inside).toBe('blue');
  });

  it('reaches the flags that a request has had before', async () => {
    const flags = start();
    const app = express();
    app.use(flagsOf(flags, { context: () => ({ targetingKey: 'user-1' }) }));
    app.get('/', (req, res) => {
      const before = req.flags.string('button-color', '');
      const inside = flags.withFlags({ 'button-color': 'b' }, () => req.flags.string('button-color', ''));
      res.send(`${before} ${inside}`);
    });
    expect(await ask(app, '/')).toBe('blue red');
  });

  it('reaches requests of Koa', async () => {
    const flags = start();
    const app = new Koa<FlagsState>();
    app.use(koaFlags(flags, { context: () => ({ targetingKey: 'user-1' }) }));
    app.use((ctx) => {
      ctx.body = ctx.state.flags.string('button-color', 'none');
    });
    const both = await Promise.all([flags.withFlags({ 'button-color': 'b' }, () => ask(app, '/')), ask(app, '/')]);
    expect(both).toEqual(['red', 'blue']);
  });

  it("reaches OpenFeature's clients", async () => {
    const flags = start();
    await OpenFeature.setProviderAndWait('kit-scoped', flags.provider);
    const client = OpenFeature.getClient('kit-scoped');
    const read = () => client.getStringValue('button-color', 'none', { targetingKey: 'user-1' });
    const [inside, outside] = await Promise.all([flags.withFlags({ 'button-color': 'b' }, read), read()]);
    expect([inside, outside]).toEqual(['red', 'blue']);
  });

  it('reaches protect', () => {
    const flags = start();
    const call = () => flags.protect('old-checkout', () => 'made', { fallback: () => 'not made' });
    expect([flags.withFlags({ 'old-checkout': true }, call), call()]).toEqual(['made', 'not made']);
  });

  it('works with a Halyard that the application has made', async () => {
    const halyard = await createHalyard({ store: memoryStore(shop) });
    open.push(halyard);
    const read = () => halyard.boolean('old-checkout', false);
    expect(withFlags(halyard, { 'old-checkout': true }, read)).toBe(true);
    expect(read()).toBe(false);
    expect(withFlags(halyard, { 'old-checkout': true }, () => withFlags(halyard, {}, read))).toBe(true);
  });

  it('refuses what it can not serve', () => {
    const flags = start();
    expect(() => flags.withFlags({ 'new-chekout': true }, () => 1)).toThrow('Did you mean `new-checkout`?');
    expect(() => flags.withFlags({ 'button-color': 'c' }, () => 1)).toThrow('its variants are');
    expect(() => withFlags({} as never, {}, () => 1)).toThrow('withFlags: expected a Halyard first, found an object.');
  });

  it('lets unitIn find whom it concerns', () => {
    const flags = start();
    expect(flags.withFlags({ 'new-checkout': true }, () => flags.unitIn('express-pay', 'on'))).toBe('unit-0');
    expect(() => flags.unitIn('express-pay', 'on')).toThrow('gives nobody');
  });
});
