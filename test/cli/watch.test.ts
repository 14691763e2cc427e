import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import picocolors from 'picocolors';
import { Registry } from 'prom-client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHalyard, fileStore, memoryStore } from '../../src/index.js';
import { parsePrometheusText } from '../../src/cli/watching/prometheus-text.js';
import { watchStore } from '../../src/cli/watching/watch-store.js';
import type { FlagStore, StoredFlags } from '../../src/stores/flag-store.js';
import { halyardIn, NOW } from './halyard-command.js';

/** A service with metrics. Its clock goes on by a second with each scrape, and `onScrape` happens before. */
interface Service {
  readonly url: string;
  readonly now: () => number;
  /** Cuts its connections, and every new one. It keeps its port, which another program could take. */
  readonly goAway: () => void;
  readonly comeBack: () => void;
}

async function serviceWith(onScrape: (scrape: number) => void, metrics: () => Promise<string>): Promise<Service> {
  let [now, scrapes, isAway] = [NOW, 0, false];
  const server = createServer((_, response) => {
    now += 1_000;
    onScrape((scrapes += 1));
    void metrics().then((text) => response.end(text));
  });
  server.on('connection', (socket) => {
    if (isAway) socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`,
    now: () => now,
    goAway: () => {
      isAway = true;
      server.closeAllConnections();
    },
    comeBack: () => {
      isAway = false;
    },
  };
}

const flags = {
  version: 1,
  flags: { 'new-checkout': { targets: { on: ['user-1'] }, rollout: 0 }, payments: {} },
} as const;

describe('halyard watch --metrics', () => {
  it('shows how often a running service evaluates its flags, after two samples', async () => {
    const registry = new Registry();
    const halyard = await createHalyard({ store: memoryStore(flags), registry });
    onTestFinished(() => halyard.close());
    const { url, now } = await serviceWith(
      () => {
        for (let count = 0; count < 30; count += 1) halyard.boolean('new-checkout', false, { targetingKey: 'user-2' });
        for (let count = 0; count < 10; count += 1) halyard.boolean('new-checkout', false, { targetingKey: 'user-1' });
      },
      () => registry.metrics(),
    );
    const { run } = halyardIn({}, { now });
    const { out, exitCode } = await run('watch', '--metrics', url, '--once', '--interval', '10ms', '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      isUp: true,
      config: { isStale: false },
      flags: [
        {
          flagKey: 'new-checkout',
          perSecond: 40,
          blockedPerSecond: 0,
          variants: [
            { variant: 'off', perSecond: 30, share: 0.75, errorsPerSecond: 0 },
            { variant: 'on', perSecond: 10, share: 0.25, errorsPerSecond: 0 },
          ],
        },
      ],
    });
  });

  it('shows a table that is drawn again in its place, and leaves the screen tidy', async () => {
    const stopping = new AbortController();
    const { url, now } = await serviceWith(
      (scrape) => {
        if (scrape > 3) stopping.abort();
      },
      () => Promise.resolve(counters({ 'flag_key="a",variant="on"': now() - NOW })),
    );
    const paper = { columns: 80, rows: 24, colors: (await import('picocolors')).default.createColors(false) };
    const { run } = halyardIn({}, { now, paper, signal: stopping.signal });
    const { out, exitCode } = await run('watch', '--metrics', url, '--interval', '10ms');
    expect(exitCode).toBe(0);
    const screens = out.split(/\u001b\[\d+A\r/).map((screen) => screen.replaceAll(/\u001b\[(?:\?25[lh]|K|J)/g, ''));
    expect(screens.at(-1)?.replace(url, 'URL')).toMatchInlineSnapshot(`
      "URL, every 0.01 s (Ctrl-C ends)
      no flags are loaded there, or it has no metrics of Halyard

      FLAG  VARIANT  PER SECOND  SHARE  ERRORS/S  BLOCKED/S  LAST SEEN
      a     on             1000  100 %         0          0    0 s ago
      "
    `);
    expect(out.startsWith('\u001b[?25l')).toBe(true);
    expect(out.endsWith('\u001b[?25h')).toBe(true);
  });

  it('goes on while the service is away, and when its counters begin again', async () => {
    const stopping = new AbortController();
    const values = [100, 140, 10, 30];
    const service = await serviceWith(
      (scrape) => {
        if (scrape === 4) stopping.abort();
      },
      () => Promise.resolve(counters({ 'flag_key="a",variant="on"': values.shift() ?? 0 })),
    );
    const lines: string[] = [];
    const out = (text: string): void => {
      lines.push(text.replace(/^\S+ /, '').trimEnd());
      if (text.includes('40.0/s')) service.goAway();
      if (text.includes('away:')) service.comeBack();
    };
    const { run } = halyardIn({}, { now: service.now, out, signal: stopping.signal });
    await run('watch', '--metrics', service.url, '--interval', '10ms');
    expect(lines.filter((line) => line.startsWith('a:'))).toEqual([
      'a: 40.0/s, on 100 %, errors 0/s, blocked 0/s',
      'a: 10.0/s, on 100 %, errors 0/s, blocked 0/s',
    ]);
    expect(lines.some((line) => line.startsWith('away: '))).toBe(true);
  });

  it('shows the series that a selector names', async () => {
    const { url, now } = await serviceWith(
      () => undefined,
      () =>
        Promise.resolve(
          counters({ 'flag_key="a",pod="1"': now() - NOW, 'flag_key="b",pod="1"': 1, 'flag_key="a",pod="2"': 9 }),
        ),
    );
    const { run } = halyardIn({}, { now });
    const args = ['watch', '-m', url, '--once', '--interval', '10ms', '--selector', 'flag_key=~"a|c",pod!=2'];
    expect((await run(...args)).out).toContain(' a: 1000/s, (default) 100 %, errors 0/s, blocked 0/s');
  });

  it.each([
    [['watch', '-m', 'http://127.0.0.1:1/metrics', '--once'], 3, "can't be read"],
    [['watch', '-m', 'http://ana:secret@127.0.0.1:1/', '--once'], 3, "halyard: http://127.0.0.1:1/ can't be read"],
    [['watch', '-m', 'ftp://host'], 2, 'Expected an address'],
    [['watch', '-m', 'http://host', '--interval', '0s'], 2, 'Expected a duration'],
    [['watch', '-m', 'http://host', '--selector', 'a~b'], 2, 'Expected label matchers'],
  ])('refuses %j', async (args, exitCode, message) => {
    const { run } = halyardIn({});
    expect(await run(...args)).toMatchObject({ exitCode, err: expect.stringContaining(message) });
  });
});

const counters = (series: Readonly<Record<string, number>>): string =>
  Object.entries(series)
    .map(([labels, value]) => `feature_flag_evaluations_total{${labels}} ${value}\n`)
    .join('');

describe('halyard watch --store', () => {
  it('prints changes as they come: who, why, what', async () => {
    const { cwd, run } = halyardIn(
      { 'flags.yaml': 'version: 1\nflags:\n  new-checkout: { rollout: 10 }\n' },
      {
        err: (text) => {
          if (text.includes('Watching')) change();
        },
      },
    );
    const store = fileStore(join(cwd, 'flags.yaml'));
    onTestFinished(() => store.close());
    const change = (): void =>
      void store.update(() => ({ version: 1, flags: { 'new-checkout': { rollout: 25 } } }), {
        by: 'ana',
        reason: 'more',
      });
    const { out, exitCode } = await run('watch', '--once');
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^\S+Z ana: more \(version \S+\)\n {2}new-checkout: rollout 10 % → 25 %\n$/);
  });

  it('gives a change to its author that comes while another is read', async () => {
    const store = memoryStore({ version: 1, flags: { a: { rollout: 10 } } });
    const change = (rollout: number): Promise<unknown> =>
      store.update(() => ({ version: 1, flags: { a: { rollout } } }), { by: `ana ${rollout}`, reason: 'why' });
    let loads = 0;
    const load = async (): Promise<StoredFlags> => {
      const stored = await store.load();
      if ((loads += 1) === 2) await change(50);
      return stored;
    };
    const busy = new Proxy(store, {
      get: (target, name) => {
        if (name === 'load') return load;
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
      },
    });
    const seen: string[] = [];
    const stopping = new AbortController();
    const out = (text: string): void => {
      const { by, changes } = JSON.parse(text) as {
        by?: string;
        changes: readonly { differences: readonly object[] }[];
      };
      if (seen.push(`${by ?? '?'}: ${changes.length}`) === 2) stopping.abort();
    };
    const paper = { columns: 80, colors: picocolors.createColors(false) };
    const given = { out, err: () => void change(25), paper, errPaper: paper, env: {}, cwd: '/', now: () => NOW };
    const terminal = { ...given, signal: stopping.signal, readInput: () => Promise.resolve('') };
    await watchStore(busy, { once: false, json: true }, terminal);
    expect(seen).toEqual(['ana 25: 1', 'ana 50: 1']);
  });

  it('gives a change to its author whose entry comes after it', async () => {
    const store = memoryStore({ version: 1, flags: { a: { rollout: 10 } } });
    const change = (): unknown =>
      store.update(() => ({ version: 1, flags: { a: { rollout: 25 } } }), { by: 'ana', reason: 'why' });
    let looks = 0;
    const late: FlagStore = {
      name: store.name,
      refuses: store.refuses,
      load: () => store.load(),
      watch: (onChange) => store.watch(onChange),
      history: async () => ((looks += 1) < 4 ? [] : await store.history()),
      close: () => store.close(),
    };
    let out = '';
    const paper = { columns: 80, colors: picocolors.createColors(false) };
    const given = { out: (text: string) => void (out += text), err: change, paper, errPaper: paper };
    const outside = { env: {}, cwd: '/', now: () => NOW, readInput: () => Promise.resolve('') };
    const terminal = { ...given, ...outside, signal: new AbortController().signal };
    await watchStore(late, { once: true, json: true }, terminal);
    expect(JSON.parse(out)).toMatchObject({ by: 'ana', changes: [{ name: 'a' }] });
  });

  it('ends with 0 when it is interrupted', async () => {
    const stopping = new AbortController();
    const { run } = halyardIn(
      { 'flags.yaml': 'version: 1\nflags: {}\n' },
      { err: () => stopping.abort(), signal: stopping.signal },
    );
    expect(await run('watch')).toMatchObject({ out: '', exitCode: 0 });
  });
});

describe('halyard watch --metrics --store', () => {
  const document = 'version: 1\nflags:\n  new-checkout: { rollout: 10 }\n';
  const info = (version: string): string => `feature_flag_config_info{version="${version}",source="shop"} 1\n`;

  it('shows changes above the table, and that the service does not serve them yet', async () => {
    const stopping = new AbortController();
    const { url, now } = await serviceWith(
      () => undefined,
      () => Promise.resolve(`${info('old')}${counters({ 'flag_key="a",variant="on"': now() - NOW })}`),
    );
    let [out, isWatched, isChanged, change] = ['', false, false, (): void => undefined];
    const terminal = {
      now,
      signal: stopping.signal,
      paper: { columns: 80, rows: 24, colors: picocolors.createColors(false) },
      out: (text: string): void => {
        out += text;
        if (text.includes('a     on') && isWatched && !isChanged) {
          isChanged = true;
          change();
        }
        if (/:1 yet[^]*a {5}on/.test(text)) stopping.abort();
      },
      err: (text: string): void => void (isWatched ||= text.includes('Watching')),
    };
    const { cwd, run } = halyardIn({ 'flags.yaml': document }, terminal);
    const store = fileStore(join(cwd, 'flags.yaml'));
    onTestFinished(() => store.close());
    change = () =>
      void store.update(() => ({ version: 1, flags: { 'new-checkout': { rollout: 25 } } }), {
        by: 'ana',
        reason: 'more',
      });
    const args = ['watch', '--metrics', url, '--store', 'flags.yaml', '--interval', '10ms'];
    expect((await run(...args)).exitCode).toBe(0);
    expect(
      shownBy(out)
        .replace(url, 'URL')
        .replaceAll(/[0-9a-f]{12}:/g, 'VERSION:')
        .replaceAll(/\S+Z ana/g, 'TIME ana'),
    ).toMatchInlineSnapshot(`
        "TIME ana: more (version VERSION:1)
          new-checkout: rollout 10 % → 25 %
        URL, every 0.01 s (Ctrl-C ends)
        version old of shop, never read
        It does not serve the store's version VERSION:1 yet.

        FLAG  VARIANT  PER SECOND  SHARE  ERRORS/S  BLOCKED/S  LAST SEEN
        a     on             1000  100 %         0          0    0 s ago
        "
      `);
  });

  it('writes a line for each, for programs, and ends after two samples', async () => {
    const { url, now } = await serviceWith(
      () => undefined,
      () => Promise.resolve(info('1')),
    );
    const { run } = halyardIn({ 'flags.yaml': document }, { now, env: { HALYARD_STORE: 'flags.yaml' } });
    const { out, err, exitCode } = await run('watch', '-m', url, '--once', '--interval', '10ms', '--json');
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: expect.stringMatching(/^Watching file:/) });
    expect(JSON.parse(out)).toMatchObject({ isUp: true, flags: [] });
  });

  it.each([
    ['the store', ['-s', 'missing.yaml'], 'missing.yaml: not found'],
    ['the service', ['-s', 'flags.yaml', '--once'], "can't be read"],
  ])('ends if %s can not be followed', async (_, args, message) => {
    const { run } = halyardIn({ 'flags.yaml': document });
    const ran = await run('watch', '-m', 'http://127.0.0.1:1/metrics', ...args);
    expect(ran).toMatchObject({ exitCode: 3, err: expect.stringContaining(message) });
  });
});

/** What stands on a terminal after all that was written to it; it never scrolls. */
function shownBy(written: string): string {
  const lines = [''];
  let row = 0;
  for (const [token] of written.matchAll(/\u001b\[\??\d*[a-zA-Z]|\n|\r|[^\u001b\n\r]+/g)) {
    if (token === '\n') lines[(row += 1)] ??= '';
    else if (token.endsWith('A') && token.startsWith('\u001b')) row -= Number(token.slice(2, -1));
    else if (token === '\u001b[J') lines.splice(row, Infinity, '');
    else if (!token.startsWith('\u001b') && token !== '\r') lines[row] = token;
  }
  return lines.join('\n');
}

describe("Prometheus' text format", () => {
  it('has escapes, timestamps, exemplars and special values', () => {
    const text =
      '# HELP a b\na{x="q\\"\\\\\\n}",y="",} 1.5e3 1700000000\na NaN\na +Inf\na_total{} 1 # {id="x"} 1\nother{broken\n';
    const samples = parsePrometheusText(text, (name) => name.startsWith('a'));
    expect(samples.map(({ labels, value }) => [Object.fromEntries(labels), value])).toEqual([
      [{ x: 'q"\\\n}', y: '' }, 1500],
      [{}, NaN],
      [{}, Infinity],
      [{}, 1],
    ]);
  });

  it.each(['<html>', 'a{x=1} 2', 'a', 'a{x="1"', 'a one'])('is not %s', (text) => {
    expect(() => parsePrometheusText(text, () => true)).toThrow('line 1 is none');
  });
});
