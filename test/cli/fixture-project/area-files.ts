import { conditions } from './condition-shapes.js';
import type { Random } from './random.js';

/** The files of one part of the shop, with marks before what reads flags. */
export function areaFiles(area: string, random: Random): readonly (readonly [file: string, marked: string])[] {
  const at = (name: string): string => `src/${area}/${name}`;
  const key = (name: string): string => `${area}-${name}`;
  const { constants, use } = random.pick(constantStyles)(key);
  return [
    [at('keys.ts'), constants],
    [at('index.ts'), "export * from './keys.js';\nexport { isOn as isEnabled } from './features.js';\n"],
    [at('features.ts'), features(key)],
    [at('conditions.ts'), conditions(['one', 'two', 'three', 'four', 'five', 'six'].map(key), random)],
    [at('routes.ts'), random.pick([expressRoutes, koaRoutes])(key, use)],
    [at('shop.controller.ts'), controller(key, use)],
    [at('shop.service.ts'), service(key, area)],
    [at('decoys.ts'), decoys(key)],
    [at('legacy.cjs'), legacy(key)],
    [at('shop.test.ts'), shopTest(key)],
    [at('settings.json'), JSON.stringify({ flag: key('route'), [key('const')]: true })],
  ];
}

type Key = (name: string) => string;

/** How a part keeps its keys, and how others name one: `use` is the expression, `from` what it imports. */
type ConstantStyle = (key: Key) => { readonly constants: string; readonly use: string };

const constantStyles: readonly ConstantStyle[] = [
  (key) => ({ constants: `export const FLAG = '${key('const')}';\n`, use: 'FLAG' }),
  (key) => ({ constants: `export const FLAG = { main: '${key('const')}' } as const;\n`, use: 'FLAG.main' }),
  (key) => ({ constants: `export enum FLAG {\n  Main = '${key('const')}',\n}\n`, use: "FLAG['Main']" }),
  (key) => ({
    constants: `const base = { main: '${key('const')}' };\nexport const FLAG = Object.freeze({ ...base, other: 'x' });\n`,
    use: 'FLAG.main',
  }),
  (key) => ({
    constants: `export class FLAG {\n  static readonly main = \`${key('const')}\`;\n}\n`,
    use: 'FLAG.main',
  }),
];

const features = (key: Key): string => `import type { Halyard } from 'halyard';

let current: Halyard | undefined;

export function isOn(flagKey: string): boolean {
  return current?.boolean(flagKey, false) ?? false;
}

export class Features {
  readonly #source: Halyard;

  constructor(source: Halyard) {
    this.#source = source;
    current = source;
  }

  readonly has = (user: string, flagKey: string): boolean =>
    this.#source.boolean(flagKey, false, { targetingKey: user });

  onlyNew(): boolean {
    return «wrapper ${key('own')}»this.has('anna', '${key('own')}');
  }
}
`;

const expressRoutes = (key: Key, use: string): string => `import { type Halyard } from 'halyard';
import { flags, killSwitch as guarded, requireFlag } from 'halyard/express';
import express from 'express';
import { FLAG, isEnabled } from './index.js';

export function routes(halyard: Halyard) {
  const app = express();
  app.use(flags(halyard));
  app.get('/pay', «guard ${key('pay')}»guarded(halyard, '${key('pay')}'), (req, res) => {
    res.json({ isNew: «boolean ${key('route')}»req.flags.boolean('${key('route')}', false) });
  });
  app.get('/beta', «guard ${key('beta')}»requireFlag(halyard, '${key('beta')}'), async (req, res) => {
    const rows = await «protect ${key('rows')}»halyard.protect('${key('rows')}', async () => [1, 2]);
    res.json({ rows, main: «boolean ${key('const')}»req.flags.boolean(${use}, false) });
  });
  app.get('/all', (req, res) => {
    const results = ['${key('one')}', '${key('two')}'].map((name) => «boolean ${key('one')}»«boolean ${key('two')}»req.flags.boolean(name, false));
    res.json({ results, on: «wrapper ${key('wrapped')}»isEnabled('${key('wrapped')}') });
  });
  app.get('/any/:name', (req, res) => {
    res.json({ on: «boolean ?»req.flags.boolean(String(req.params['name']), false) });
  });
  return app;
}
`;

const koaRoutes = (key: Key, use: string): string => `import type { Halyard } from 'halyard';
import * as halyardKoa from 'halyard/koa';
import Koa from 'koa';
import { FLAG } from './index.js';
import * as area from './index.js';

export function routes(halyard: Halyard) {
  const app = new Koa();
  app.use(halyardKoa.flags(halyard));
  app.use(«guard ${key('pay')}»halyardKoa.killSwitch(halyard, '${key('pay')}'));
  app.use(async (ctx, next) => {
    const { flags } = ctx.state;
    if («boolean ${key('route')}»flags.boolean('${key('route')}', false)) {
      ctx.body = «boolean ${key('const')} < ${key('route')}»ctx.state.flags.boolean(${use}, true);
      return;
    }
    await next();
    ctx.body = «wrapper ${key('wrapped')} < ${key('route')}»area.isEnabled('${key('wrapped')}');
  });
  return app;
}
`;

const controller = (key: Key, use: string): string => `import { Controller, Get, Post } from '@nestjs/common';
import type { Halyard } from 'halyard';
import { Flag, InjectHalyard, KillSwitch, RequireFlag } from 'halyard/nestjs';
import { FLAG } from '@shop/${key('x').split('-')[0]!}/keys';

@Controller()
@«decorator ${key('shop')}»KillSwitch('${key('shop')}')
export class ShopController {
  constructor(@InjectHalyard() private readonly service: Halyard) {}

  @Get('checkout')
  @«decorator ${key('const')}»RequireFlag(${use})
  checkout(@«decorator ${key('checkout')}»Flag('${key('checkout')}', false) isNew: boolean) {
    if (isNew) return «number ${key('limit')} < ${key('checkout')}»this.service.number('${key('limit')}', 10);
    return 0;
  }

  @Post('stop')
  async stop() {
    await «kill ${key('shop')}»this.service.kill('${key('shop')}', { by: 'ops', reason: 'asked for' });
    return «string ${key('missing')}»this.service.string('${key('missing')}', 'none');
  }
}
`;

const service = (key: Key, area: string): string => `import { OpenFeature } from '@openfeature/server-sdk';
import type { Features } from '@shop/${area}/features';

const AREA = '${area}';

export class ShopService {
  constructor(private readonly features: Features) {}

  async price(user: string): Promise<number> {
    const client = OpenFeature.getClient();
    if (await «openfeature ${key('cheap')}»client.getBooleanValue(\`\${AREA}-cheap\`, false)) return 1;
    const { value } = await «openfeature ${key('color')} < ${key('cheap')}»client.getStringDetails('${key('color')}', 'red');
    return «wrapper ${key('wrapped')} < ${key('cheap')}»this.features.has(user, '${key('wrapped')}') ? 2 : value.length;
  }
}
`;

/** Everything that looks like a read and is none. */
const decoys = (key: Key): string => `import _ from 'low-dash';
import args from 'arg-kit';
import { z } from 'schema-kit';

// flags.boolean('${key('route')}', false) was here once.
/* killSwitch(halyard, '${key('pay')}') */
export const text = "flags.boolean('${key('comment')}', false)";
export const schema = z.object({ name: z.string('${key('route')}'), size: z.number(), on: z.boolean('${key('pay')}') });
export const words = [_.string('${key('route')}'), _.details('${key('pay')}'), _.object('${key('route')}')];

class Panel {
  details(id: string): string {
    return id;
  }

  boolean(id: string, isOn: boolean): boolean {
    return isOn && id !== '';
  }
}

export function open(panel: Panel): string {
  const flags = new Panel();
  return panel.details('${key('route')}') + flags.details('${key('pay')}') + String(flags.boolean('${key('route')}', false));
}

export function cli(argv: readonly string[]): boolean {
  const flags = args(argv);
  return flags.boolean('verbose') && flags.string('${key('route')}') !== '';
}

export function shadowed(): boolean {
  const halyard = { boolean: (name: string) => name.length > 3, kill: (name: string) => name };
  halyard.kill('${key('route')}');
  return halyard.boolean('${key('route')}');
}

function killSwitch(machine: object, name: string): string {
  return name + String(machine);
}

export const stopped = killSwitch({}, '${key('pay')}');
export const constants = { flag: '${key('const')}', other: ['${key('route')}'] };
process.kill(process.pid, 0);
`;

const legacy = (key: Key): string => `const { createHalyard, fileStore } = require('halyard');
const { killSwitch } = require('halyard/express');

module.exports.start = async function start(app) {
  const source = await createHalyard({ store: fileStore('flags.yaml') });
  app.use(«guard ${key('pay')}»killSwitch(source, '${key('pay')}'));
  var isNew = «boolean ${key('legacy')}»source.boolean('${key('legacy')}', false);
  return isNew ? «explain ${key('legacy')}»source.explain('${key('legacy')}') : undefined;
};
`;

const shopTest = (key: Key): string => `import { testFlags, withFlags } from 'halyard/testing';

const flags = «test ${key('route')}»testFlags({ '${key('route')}': true });

export const result = «test ${key('route')}»withFlags(flags, { '${key('route')}': false }, () =>
  «boolean ${key('route')}»flags.boolean('${key('route')}', true),
);
`;
