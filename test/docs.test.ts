/**
 * What the documentation shows is true. The convention is in the info string of a fenced block:
 *
 * - `yaml`            with a top-level `flags:`: a whole document, which parses without errors; any other is left alone
 * - `yaml flag`       the body of one flag
 * - `yaml condition`  one condition, in any of its forms
 * - `yaml problems`   a document with problems; the next block is `text` and holds exactly what is said about it
 * - `yaml snippet`    something else: a Kubernetes manifest, a comment
 * - `text output=X`   what the producer `X` below produces
 * - `text`            neither
 * - `ts`              in docs/: compiles, with `ambient` below around it
 * - `X file=PATH`     is the text of this file
 */
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  createHalyard,
  FlagDocumentError,
  type FlagStore,
  fileStore,
  formatProblem,
  type Halyard,
  httpStore,
  type Logger,
  memoryStore,
  simulateRollout,
  type StoredFlags,
} from 'halyard';
import { emptyFlagState } from 'halyard/stores';
import { createNodeListener, syncHandler } from 'halyard/sync';
import { testFlags, untestedSides } from 'halyard/testing';
import ts from 'typescript';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('..', import.meta.url));
const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.md'))
  .map((name) => join(root, 'docs', name));
const pages = [join(root, 'README.md'), ...docs].filter((path) => existsSync(path));

interface Block {
  readonly page: string;
  readonly line: number;
  readonly language: string;
  readonly info: string;
  readonly text: string;
}

const blocks = pages.flatMap(blocksIn);

function blocksIn(path: string): readonly Block[] {
  const found: Block[] = [];
  let open: { line: number; language: string; info: string; lines: string[] } | undefined;
  for (const [index, line] of readFileSync(path, 'utf8').split('\n').entries()) {
    const fence = /^```(\S*)\s*(.*)$/.exec(line);
    if (open === undefined && fence !== null) {
      open = { line: index + 1, language: fence[1]!, info: fence[2]!.trim(), lines: [] };
    } else if (open !== undefined && line === '```') {
      found.push({ ...open, page: relative(root, path), text: open.lines.join('\n') });
      open = undefined;
    } else open?.lines.push(line);
  }
  return found;
}

const where = ({ page, line }: Block): string => `${page}:${line}`;

function yamlBlocks(info: string): readonly Block[] {
  return blocks.filter((block) => ['yaml', 'yml'].includes(block.language) && block.info === info);
}

function isDocument({ text }: Block): boolean {
  return /^flags:/m.test(text);
}

/** Everything that is said about a document's text, by the doors that users have. */
async function problemsOf(text: string): Promise<readonly string[]> {
  const warnings: string[] = [];
  const store: FlagStore = {
    name: 'text',
    refuses: 'whole',
    load: () => Promise.resolve({ document: [{ name: 'flags.yaml', text }], state: emptyFlagState, version: 'text:1' }),
    close: () => Promise.resolve(),
  };
  try {
    const write = (_level: string, message: string) => warnings.push(message);
    const halyard = await createHalyard({ store, logger: logger(write), watch: false });
    await halyard.close();
    return warnings.flatMap((warning) => warning.split('\n'));
  } catch (error) {
    if (error instanceof FlagDocumentError) return error.problems.map(formatProblem);
    throw error;
  }
}

async function errorsOf(text: string): Promise<readonly string[]> {
  return (await problemsOf(text)).filter((problem) => !problem.includes(': warning: '));
}

function logger(write: (level: string, message: string) => void): Logger {
  const at = (level: string) => (_fields: object, message?: string) => {
    write(level, message ?? '');
  };
  return { debug: () => undefined, info: at('info'), warn: at('warn'), error: at('error') };
}

const indent = (text: string, by: string): string => text.replace(/^(?=.)/gm, by);

/** The segments that fragments name. */
const segments = 'segments: { staff: { staff: true }, beta-users: { beta: true } }';

describe('the YAML of the documentation', () => {
  it.each(
    yamlBlocks('')
      .filter(isDocument)
      .map((block) => [where(block), block] as const),
  )('%s is a document without errors', async (_place, block) => {
    expect(await errorsOf(block.text)).toEqual([]);
  });

  it.each(yamlBlocks('flag').map((block) => [where(block), block] as const))('%s is a flag', async (_place, block) => {
    const text = `version: 1\nflags:\n  example:\n${indent(block.text, '    ')}\n${segments}\n`;
    expect(await errorsOf(text)).toEqual([]);
  });

  it.each(yamlBlocks('condition').map((block) => [where(block), block] as const))(
    '%s is a condition',
    async (_place, block) => {
      const rule = `      - serve: on\n        when:\n${indent(block.text, '          ')}`;
      const text = `version: 1\nflags:\n  example:\n    serve: off\n    rules:\n${rule}\n${segments}\n`;
      expect(await errorsOf(text)).toEqual([]);
    },
  );

  it.each(yamlBlocks('problems').map((block) => [where(block), block] as const))(
    '%s has exactly the problems that the next block quotes',
    async (_place, block) => {
      const next = blocks[blocks.indexOf(block) + 1];
      expect(next).toMatchObject({ page: block.page, language: 'text', info: '' });
      expect((await problemsOf(`${block.text}\n`)).join('\n')).toBe(next?.text);
    },
  );

  it('has only blocks that the convention knows', () => {
    const known = ['', 'flag', 'condition', 'problems', 'snippet'];
    const unknown = blocks.filter(({ language, info }) => language === 'yaml' && !known.includes(info));
    expect(unknown.map((block) => `${where(block)} ${block.info}`)).toEqual([]);
  });
});

describe('the links of the documentation', () => {
  const links = [...pages, join(root, 'CHANGELOG.md')].flatMap((page) =>
    Array.from(prose(page).matchAll(/\]\((?!https?:)([^)#]*)(#[^)]*)?\)/g), ([, path = '', anchor = '']) => ({
      link: `${relative(root, page)}: ${path}${anchor}`,
      target: path === '' ? page : join(dirname(page), path),
      anchor,
    })),
  );

  it('are there', () => {
    expect(links.length).toBeGreaterThan(50);
  });

  it('lead to files', () => {
    expect(links.filter(({ target }) => !existsSync(target)).map(({ link }) => link)).toEqual([]);
  });

  it('lead to headings', () => {
    const lost = links.filter(({ target, anchor }) => anchor !== '' && !anchorsIn(target).has(anchor));
    expect(lost.map(({ link }) => link)).toEqual([]);
  });

  function prose(page: string): string {
    return readFileSync(page, 'utf8').replaceAll(/^```[^]*?^```$/gm, '');
  }

  /** As GitHub makes them. */
  function anchorsIn(page: string): ReadonlySet<string> {
    const headings = prose(page).matchAll(/^#+ (.+)$/gm);
    return new Set(
      Array.from(headings, ([, heading = '']) => {
        const words = heading.toLowerCase().replaceAll(/[^\p{L}\p{N}_ -]/gu, '');
        return `#${words.replaceAll(' ', '-')}`;
      }),
    );
  }
});

describe('the operators of the documentation', () => {
  const operators = blocks.length === 0 ? [] : comparisonsIn(join(root, 'docs', 'flag-document.md'));

  it('are all that there are', () => {
    const schema = JSON.parse(readFileSync(join(root, 'dist', 'schema.json'), 'utf8')) as {
      definitions: { Operator: { enum: readonly string[] } };
    };
    const documented = operators.map(({ operator }) => operator);
    expect(documented.toSorted()).toEqual(schema.definitions.Operator.enum.toSorted());
  });

  it.each(operators.map(({ operator, comparison }) => [operator, comparison] as const))(
    '%s has an example that parses',
    async (operator, comparison) => {
      expect((parse(comparison) as { operator: string }).operator).toBe(operator);
      const rules = `rules: [{ when: ${comparison}, serve: on }]`;
      expect(await problemsOf(`version: 1\nflags:\n  example: { ${rules}, serve: off }\n`)).toEqual([]);
    },
  );

  function comparisonsIn(path: string): readonly { readonly operator: string; readonly comparison: string }[] {
    const rows = readFileSync(path, 'utf8').matchAll(/^\| `(\w+)` \| `(\{ attribute: .*? \})` \|/gm);
    return Array.from(rows, ([, operator, comparison]) => ({ operator: operator!, comparison: comparison! }));
  }
});

describe('what the documentation says about the hash', () => {
  const page = readFileSync(join(root, 'docs', 'flag-document.md'), 'utf8');
  const rows = Array.from(page.matchAll(/^\| (.+?) \| (.+?) \| (\d+) \| (\d+\.\d{4}) \|$/gm), (row) => row.slice(1));

  it('lists golden vectors', () => {
    expect(rows.length).toBeGreaterThanOrEqual(10);
  });

  it.each(rows.filter(([seed]) => !seed!.includes(':split')))(
    'seed %s, unit %s is at point %s',
    async (seed, unit, point, percentage) => {
      const halyard = await quiet({ flags: { f: { rollout: { percentage: 50, seed: written(seed) } } } });
      const { steps } = halyard.explain('f', { targetingKey: written(unit) });
      const bucket = steps.find((step) => step.bucket !== undefined)?.bucket;
      expect(String(bucket?.point)).toBe(point);
      expect(bucket?.percentage.toFixed(4)).toBe(percentage);
    },
  );

  it.each(rows.filter(([seed]) => seed!.includes(':split')))(
    'split: seed %s, unit %s is at point %s',
    async (seed, unit, point, percentage) => {
      const split = { weights: { on: 1, off: 1 }, seed: written(seed).replace(/:split$/, '') };
      const halyard = await quiet({ flags: { f: { split } } });
      const { steps } = halyard.explain('f', { targetingKey: written(unit) });
      const bucket = steps.find((step) => step.bucket !== undefined)?.bucket;
      expect(String(bucket?.point)).toBe(point);
      expect(bucket?.percentage.toFixed(4)).toBe(percentage);
    },
  );

  it('counts units as it says', async () => {
    const halyard = await quiet({
      flags: {
        'new-checkout': { rollout: 10 },
        'dark-mode': { rollout: 10 },
        button: {
          seed: 'button-color',
          variants: { control: 'c', a: 'a', b: 'b' },
          offVariant: null,
          rollout: 20,
          split: { control: 50, a: 25, b: 25 },
        },
        half: { split: { weights: { on: 1, off: 1 }, seed: 'exp' } },
      },
    });
    const counts = { checkout: 0, both: 0, control: 0, a: 0, b: 0, half: 0 };
    for (let index = 0; index < 100_000; index += 1) {
      const context = { targetingKey: `user-${index}` };
      const isIn = halyard.boolean('new-checkout', false, context);
      if (isIn) counts.checkout += 1;
      if (isIn && halyard.boolean('dark-mode', false, context)) counts.both += 1;
      if (halyard.boolean('half', false, context)) counts.half += 1;
      const variant = halyard.details('button', 'none', context).variant as 'control' | 'a' | 'b' | undefined;
      if (variant !== undefined) counts[variant] += 1;
    }
    expect(counts).toEqual({ checkout: 10_083, both: 1_004, control: 10_032, a: 4_825, b: 4_910, half: 49_875 });
  });

  /** `` `x` ``, or ``64 times `x` ``. */
  function written(cell: string): string {
    const [, times = '1', text = ''] = /^(?:(\d+) times )?`(.*)`$/.exec(cell) ?? [];
    return text.repeat(Number(times));
  }
});

describe('the S-curve of the documentation', () => {
  const page = readFileSync(join(root, 'docs', 'flag-document.md'), 'utf8');
  const row = /^\| (\d[\d.]*)(?: and later)? \| (\d[\d.]*) \| (\d[\d.]*) \|$/gm;
  const rows = Array.from(page.matchAll(row), (cells) => cells.slice(1));

  it.each(rows)('after %s hours: s-curve %s, linear %s', async (hours, curved, straight) => {
    const start = Date.parse('2027-01-10T09:00:00Z');
    const curve = { from: 1, to: 100, start: '2027-01-10T09:00:00Z', hours: 72 };
    const clock = { now: () => start + Number(hours) * 3_600_000 };
    const halyard = await quiet(
      { flags: { s: { rollout: { curve: 's-curve', ...curve } }, l: { rollout: { curve: 'linear', ...curve } } } },
      clock,
    );
    const percentageOf = (key: string): number => {
      const { steps } = halyard.explain(key, { targetingKey: 'u' });
      return Number(/rollout of (.*) %/.exec(steps.at(-1)!.text)![1]);
    };
    expect(percentageOf('s')).toBe(Number(curved));
    expect(percentageOf('l')).toBe(Number(straight));
  });

  it('has rows', () => {
    expect(rows.length).toBeGreaterThanOrEqual(10);
  });
});

const open: Halyard[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const halyard of open.splice(0)) await halyard.close();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function quiet(document: object, clock?: { now(): number }): Promise<Halyard> {
  const store = memoryStore({ version: 1, ...document } as Parameters<typeof memoryStore>[0]);
  const halyard = await createHalyard({ store, logger: logger(() => undefined), ...(clock && { clock }) });
  open.push(halyard);
  return halyard;
}

/** A Halyard over files in a folder of its own, and everything that it logs. */
async function inFolder(
  files: Readonly<Record<string, string>>,
  options: { state?: string; kills?: readonly string[] } = {},
): Promise<{ halyard: Halyard; folder: string; log: string[]; plain: (text: string) => string }> {
  const folder = await mkdtemp(join(tmpdir(), 'halyard-docs-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const log: string[] = [];
  const state = options.state === undefined ? {} : { state: join(folder, options.state) };
  const halyard = await createHalyard({
    store: fileStore(join(folder, 'flags.yaml'), { pollMs: 50, ...state }),
    logger: logger((_level, message) => log.push(plain(message))),
    kills: options.kills ?? [],
  });
  open.push(halyard);
  return { halyard, folder, log, plain };

  /** As it reads where the store was made with `fileStore('flags.yaml')` in `/srv/shop`. */
  function plain(text: string): string {
    return text
      .replaceAll(`file:${folder}/`, 'file:')
      .replaceAll(new RegExp(`${folder}/(?=flags\\.yaml:\\d)`, 'g'), '')
      .replaceAll(`${folder}/missing`, '/state')
      .replaceAll(folder, '/srv/shop')
      .replaceAll(/\b[0-9a-f]{12}:(?=\d)/g, '22dbc87d4d0a:');
  }
}

async function messageOf(action: Promise<unknown>): Promise<string> {
  return await action.then(
    () => 'it did not fail',
    (error: unknown) => (error as Error).message,
  );
}

const serviceToken = 'the-token-of-the-documentation';

/** Serves three flags of the version `shop:7`. */
async function servedShop(): Promise<{
  handler: ReturnType<typeof syncHandler>;
  ask: (headers?: Record<string, string>) => Promise<Response>;
  change: () => Promise<void>;
}> {
  let counter = 7;
  const store: FlagStore = {
    name: 'shop',
    refuses: 'flags',
    load: () =>
      Promise.resolve({
        document: {
          version: 1,
          flags: {
            'new-checkout': { rules: [{ when: { segment: 'staff' }, serve: 'on' }], rollout: counter === 7 ? 10 : 25 },
            payments: { kind: 'operational' },
            'dark-mode': {},
          },
          segments: { staff: { email_domain: 'example.com' } },
        },
        state: {
          ...emptyFlagState,
          kills: new Map([['payments', { at: Date.UTC(2027, 0, 10, 9), by: 'ana', reason: 'provider down' }]]),
        },
        version: `shop:${counter}`,
      }),
    close: () => Promise.resolve(),
  };
  const halyard = await createHalyard({ store, logger: logger(() => undefined) });
  open.push(halyard);
  const handler = syncHandler(halyard, { token: serviceToken });
  const change = async (): Promise<void> => {
    counter = 8;
    await halyard.refresh();
  };
  const ask = (headers = {}): Promise<Response> =>
    handler(
      new Request('http://localhost/halyard', { headers: { authorization: `Bearer ${serviceToken}`, ...headers } }),
    );
  return { handler, ask, change };
}

const switches = 'version: 1\nflags:\n  payments: { kind: operational }\n  new-checkout: { rollout: 10 }\n';
const ana = { by: 'ana', reason: 'provider down' };

const pay = (halyard: Halyard, work: () => void): string => {
  try {
    halyard.protect('payments', work);
    return 'it was paid';
  } catch (error) {
    return (error as Error).message;
  }
};

const fail = (): never => {
  throw new Error('down');
};

const producers: Readonly<Record<string, () => Promise<string>>> = {
  explain: async () => {
    const any = [{ attribute: 'email', operator: 'glob', value: '*@company.com' }, { plan: 'premium' }];
    const rules = [{ name: 'staff or premium', when: { any }, serve: 'on' }];
    const halyard = await quiet({ flags: { 'ai-recommendations': { rules, rollout: 10 } } });
    return String(
      halyard.explain('ai-recommendations', { targetingKey: 'user-2', email: 'x@example.com', plan: 'free' }),
    );
  },
  'untested-sides': async () => {
    const button = 'variants: { control: blue, a: green, b: red }, serve: control';
    const document = `version: 1\nflags: { new-checkout: {}, button-color: { ${button} }, payments: {}, sale: {} }\n`;
    const { folder } = await inFolder({ 'flags.yaml': document });
    const [flags, report] = [join(folder, 'flags.yaml'), join(folder, 'report')];
    vi.stubEnv('HALYARD_TEST_REPORT', report);
    const one = testFlags(flags, { answers: { 'button-color': 'control', sale: true } });
    const other = testFlags(flags, { answers: { 'button-color': 'a', sale: false } });
    vi.unstubAllEnvs();
    one.boolean('new-checkout', false);
    for (const tested of [one, other]) {
      tested.string('button-color', '');
      tested.boolean('sale', false);
    }
    return String(untestedSides(report, { flags }));
  },
  'kill-not-written': async () => {
    const { halyard, plain } = await inFolder({ 'flags.yaml': switches }, { state: 'missing/flags.state.json' });
    return plain(await messageOf(halyard.kill('payments', ana)));
  },
  'fleet-not-reached': async () => {
    const [stored, behind] = ['redis-5f0c9a1e:1795244778123', 'redis-5f0c9a1e:1795244771004'];
    const web = { startedAt: 0, lastContact: 0, version: stored };
    const instances = [
      ...['web-1', 'web-2', 'web-4'].map((host) => ({ ...web, id: host, host, pid: 1 })),
      { ...web, id: 'web-3', host: 'web-3', pid: 4711, version: behind },
    ];
    const inner = memoryStore({ version: 1, flags: { payments: { kind: 'operational' } } });
    const named = (flags: StoredFlags): StoredFlags => ({ ...flags, version: stored });
    const store: FlagStore = {
      name: 'redis',
      refuses: 'flags',
      load: async () => named(await inner.load()),
      updateState: async (change, options) => named(await inner.updateState(change, options)),
      close: () => inner.close(),
      fleet: {
        report: () => Promise.resolve(),
        remove: () => Promise.resolve(),
        list: () => Promise.resolve(instances),
      },
    };
    const halyard = await createHalyard({ store, logger: logger(() => undefined) });
    open.push(halyard);
    return await messageOf(halyard.kill('payments', { ...ana, waitForFleet: { timeoutMs: 2_000 } }));
  },
  'kill-unknown': async () => {
    const { halyard } = await inFolder({ 'flags.yaml': switches });
    return await messageOf(halyard.kill('payment', ana));
  },
  'restore-pinned': async () => {
    const { halyard, log } = await inFolder({ 'flags.yaml': switches }, { kills: ['payments'] });
    await halyard.restore('payments', ana);
    return log.at(-1) ?? '';
  },
  'start-timeout': () => {
    const store: FlagStore = {
      name: 'slow-store',
      refuses: 'whole',
      load: () => new Promise(() => undefined),
      close: () => Promise.resolve(),
    };
    return messageOf(createHalyard({ store, startTimeoutMs: 200 }));
  },
  'started-from-cache': async () => {
    const { folder } = await inFolder({ 'flags.yaml': switches });
    const cache = join(folder, 'flags.cache');
    const clock = { now: () => Date.UTC(2027, 0, 10, 9) };
    const load = () => memoryStore().load();
    const store: FlagStore = { name: 'remote', refuses: 'whole', load, close: () => Promise.resolve() };
    await (await createHalyard({ store, cache, clock })).close();
    const log: string[] = [];
    const away = { ...store, load: () => Promise.reject(new Error('remote: connection refused')) };
    const write = (level: string, message: string) => level === 'warn' && log.push(message);
    await (await createHalyard({ store: away, cache, clock, logger: logger(write) })).close();
    return log.join('\n').replace(`${folder}/`, '');
  },
  'cache-not-kept': async () => {
    const { plain, folder } = await inFolder({ 'flags.yaml': switches });
    const log: string[] = [];
    const write = (level: string, message: string) => level === 'warn' && log.push(message);
    await mkdir(join(folder, 'flags.cache'));
    const halyard = await createHalyard({
      store: memoryStore(),
      cache: join(folder, 'flags.cache'),
      logger: logger(write),
    });
    await halyard.close();
    return plain(log.join('\n'));
  },
  'start-option': () =>
    messageOf(createHalyard({ store: memoryStore(), watched: true } as unknown as Parameters<typeof createHalyard>[0])),
  'start-missing': async () => {
    const { plain, folder } = await inFolder({ 'flags.yaml': switches });
    await rm(join(folder, 'flags.yaml'));
    const store = fileStore(join(folder, 'flags.yaml'));
    return plain(await messageOf(createHalyard({ store, logger: logger(() => undefined) })));
  },
  'refused-log': async () => {
    const { folder, log } = await inFolder({ 'flags.yaml': switches });
    await writeFile(join(folder, 'flags.yaml'), switches.replace('rollout', 'rolout'));
    return await vi.waitUntil(() => log.find((line) => line.includes('unknown key')));
  },
  'broken-state': async () => {
    const { folder, log } = await inFolder({ 'flags.yaml': switches });
    await writeFile(join(folder, 'flags.state.json'), '{ "kills": ');
    const line = await vi.waitUntil(() => log.find((text) => text.includes('is not JSON')));
    return line.split('\n')[1] ?? '';
  },
  'went-back': async () => {
    const state = '{ "revision": 4, "kills": {} }';
    const { folder, log } = await inFolder({ 'flags.yaml': switches, 'flags.state.json': state });
    await writeFile(join(folder, 'flags.state.json'), '{ "kills": {} }');
    return await vi.waitUntil(() => log.find((text) => text.includes('went back')));
  },
  'stray-kill': async () => {
    const { folder, log } = await inFolder({ 'flags.yaml': switches });
    await writeFile(join(folder, 'flags.state.json'), '{ "kills": { "paymnts": { "at": "2027-01-10T09:00:00Z" } } }');
    return await vi.waitUntil(() => log.find((text) => text.includes('has kills')));
  },
  'http-answer': async () => {
    const { ask } = await servedShop();
    return (await (await ask()).text()).trimEnd();
  },
  'http-changes': async () => {
    const { ask, change } = await servedShop();
    const tag = (await ask()).headers.get('etag') ?? '';
    await change();
    return await vi.waitUntil(async () => {
      const answer = await ask({ 'if-none-match': tag, 'a-im': 'halyard-delta' });
      return answer.status === 226 && (await answer.text()).trimEnd();
    });
  },
  'http-event': async () => {
    const { handler } = await servedShop();
    const stream = await handler(
      new Request('http://localhost/halyard/events', { headers: { authorization: `Bearer ${serviceToken}` } }),
    );
    const reader = stream.body?.getReader();
    const { value } = (await reader?.read()) ?? {};
    await reader?.cancel();
    return new TextDecoder().decode(value).trimEnd();
  },
  'http-read-only': async () => {
    const { handler } = await servedShop();
    const server = createServer(createNodeListener(handler)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/halyard`;
    const store = httpStore(address, { token: serviceToken });
    const reader = await createHalyard({ store, logger: logger(() => undefined) });
    const message = await messageOf(reader.kill('payments', ana));
    await reader.close();
    server.close();
    return message.replaceAll(address, 'https://flags.internal/halyard');
  },
  'protect-open': async () => {
    const flags = { payments: { breaker: { minimumRequests: 1 } } };
    const halyard = await quiet({ flags }, { now: () => Date.UTC(2027, 0, 1) });
    pay(halyard, fail);
    return pay(halyard, () => undefined);
  },
  'breaker-log': async () => {
    const breaker = 'breaker: { errorRate: 0.5, minimumRequests: 20 }';
    const { halyard, log } = await inFolder({
      'flags.yaml': `version: 1\nflags:\n  payments: { kind: operational, ${breaker} }\n`,
    });
    for (let count = 0; count < 20; count += 1) pay(halyard, count < 6 ? () => undefined : fail);
    return log.at(-1) ?? '';
  },
  'simulate-rollout': () => {
    const rollout = {
      stages: [{ percentage: 5, minutes: 30 }, { percentage: 50, hours: 2 }, { percentage: 100 }],
      checks: { maxErrorRateIncrease: 0.002 },
    };
    const service = { requestsPerSecond: 20, units: 4000, out: { errorRate: 0.004 }, in: { errorRate: 0.012 } };
    const { outcome, minutes, unitsHarmed, reason } = simulateRollout(rollout, service, { seed: 7 });
    return Promise.resolve(`${outcome} after ${minutes} minutes, ${unitsHarmed.toFixed(0)} units harmed\n${reason}`);
  },
  'unknown-key': async () => {
    const { halyard, log } = await inFolder({ 'flags.yaml': switches });
    halyard.boolean('new-chekout', false);
    return await vi.waitUntil(() => log.find((text) => text.includes('No flag')));
  },
};

describe('the files that the documentation shows', () => {
  const shown = blocks.filter(({ info }) => info.startsWith('file='));

  it.each(shown.map((block) => [where(block), block.info.slice('file='.length), block] as const))(
    '%s: %s',
    (_place, path, block) => {
      expect(`${block.text}\n`).toBe(readFileSync(join(root, path), 'utf8'));
    },
  );
});

describe('the output that the documentation quotes', () => {
  const quoted = blocks.filter(({ language, info }) => language === 'text' && info.startsWith('output='));

  it.each(quoted.map((block) => [where(block), block.info.slice('output='.length), block] as const))(
    '%s: %s',
    async (_place, name, block) => {
      const produce = producers[name];
      if (produce === undefined) throw new Error(`There is no producer for output=${name}.`);
      expect(await produce()).toBe(block.text);
    },
  );
});

/** What the snippets take for granted. A snippet that declares one of these itself shadows it. */
const ambient = `
import type { Express, RequestHandler } from 'express';
import type { FlagDocument } from 'halyard';
import type { DynamicModule, ExecutionContext, INestApplication, Type } from '@nestjs/common';
import type { Registry } from 'prom-client';
declare global {
  interface User { readonly id: string }
  const userOf: (execution: ExecutionContext) => User | undefined;
  const contextOf: (execution: ExecutionContext) => { targetingKey: string | undefined };
  const AppModule: Type;
  const OpenFeatureModule: { forRoot(options: object): DynamicModule };
  interface TestingBuilder {
    overrideProvider(token: symbol): { useValue(value: unknown): TestingBuilder };
    compile(): Promise<{ createNestApplication(): INestApplication }>;
  }
  const Test: { createTestingModule(module: object): TestingBuilder };
  const createHalyard: typeof import('halyard').createHalyard;
  const fileStore: typeof import('halyard').fileStore;
  const flags: typeof import('halyard/express').flags;
  const killSwitch: typeof import('halyard/express').killSwitch;
  const requireFlag: typeof import('halyard/express').requireFlag;
  const halyard: import('halyard').Halyard;
  const app: Express;
  const register: Registry;
  const pay: RequestHandler;
  const beta: RequestHandler;
  const requireAdmin: RequestHandler;
  const pino: typeof import('pino').pino;
  const analytics: { track(unit: unknown, event: string, properties: object): void };
  const model: { recommend(userId: string): Promise<readonly string[]> };
  const bestsellers: readonly string[];
  const checkout: (halyard: import('halyard').Halyard, userId: string) => string;
  const readFlagsFromDatabase: () => Promise<FlagDocument>;
  const it: (name: string, test: () => void) => void;
  const expect: typeof import('vitest').expect;
}
`;

describe('the TypeScript of docs/', () => {
  it('compiles', () => {
    const snippets = blocks.filter(
      ({ page, language, info }) => language === 'ts' && page !== 'README.md' && !info.startsWith('file='),
    );
    const pathOf = (block: Block): string => join(root, `docs-${where(block).replace(/\W/g, '-')}.ts`);
    const texts = new Map(snippets.map((block) => [pathOf(block), `${block.text}\nexport {};\n`]));
    texts.set(join(root, 'docs-ambient.d.ts'), ambient);
    expect(complaints(texts)).toEqual([]);
  }, 120_000);

  function complaints(texts: ReadonlyMap<string, string>): readonly string[] {
    const options: ts.CompilerOptions = {
      module: ts.ModuleKind.Node20,
      target: ts.ScriptTarget.ES2023,
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      skipLibCheck: true,
      types: ['node'],
      experimentalDecorators: true,
      paths: {
        halyard: [join(root, 'src/index.ts')],
        'halyard/express': [join(root, 'adapters/express/index.ts')],
        'halyard/nestjs': [join(root, 'adapters/nestjs/index.ts')],
        'halyard/koa': [join(root, 'adapters/koa/index.ts')],
        'halyard/ofrep': [join(root, 'src/ofrep/index.ts')],
        'halyard/stores/postgres': [join(root, 'src/stores/postgres/postgres-store.ts')],
        'halyard/stores': [join(root, 'src/stores/index.ts')],
        'halyard/testing/*': [join(root, 'src/testing/report/*.ts')],
        'halyard/testing': [join(root, 'src/testing/index.ts')],
        'halyard/sync': [join(root, 'src/sync/index.ts')],
        'halyard/statistics': [join(root, 'src/statistics/index.ts')],
        'halyard/stores/redis': [join(root, 'src/stores/redis/redis-store.ts')],
      },
    };
    const host = ts.createCompilerHost(options);
    const fileExists = host.fileExists.bind(host);
    const readFile = host.readFile.bind(host);
    const getSourceFile = host.getSourceFile.bind(host);
    host.getCurrentDirectory = () => root;
    host.fileExists = (path) => texts.has(path) || fileExists(path);
    host.readFile = (path) => texts.get(path) ?? readFile(path);
    host.getSourceFile = (path, ...rest) => {
      const text = texts.get(path);
      return text === undefined
        ? getSourceFile(path, ...rest)
        : ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
    };
    const program = ts.createProgram([...texts.keys()], options, host);
    const diagnostics = [...texts.keys()].flatMap((path) => {
      const file = program.getSourceFile(path);
      return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
    });
    return diagnostics.map(({ file, start, messageText }) => {
      const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start ?? 0).line + 1;
      return `${basename(file?.fileName ?? '')}:${line} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    });
  }
});
