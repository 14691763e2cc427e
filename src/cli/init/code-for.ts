import type { Framework, ModuleStyle, Project } from './project.js';

/** The code that a project needs to read its flags, to be typed as it stands. */
export interface FirstCode {
  /** `server.js` and the like: what people will probably put it in. */
  readonly file: string;
  readonly text: string;
}

/** @param flagFile the document, as `fileStore` is told it */
export function codeFor({ framework, style, packages }: Project, flagFile: string): FirstCode {
  if (framework === 'nestjs') return { file: 'app.module.ts', text: nestCode(flagFile) };
  const parts = (framework === undefined ? plainParts : framework === 'express' ? expressParts : koaParts)(flagFile);
  const metrics = packages.has('prom-client');
  const imports = metrics ? [...parts.imports, { names: ['register'], from: 'prom-client' }] : parts.imports;
  const body = metrics ? parts.body.replace("') });", "'), registry: register });") : parts.body;
  return {
    file: `${fileNames[framework ?? 'none']}.${style.startsWith('typescript') ? 'ts' : 'js'}`,
    text: inStyle(style, imports, body),
  };
}

const fileNames: Readonly<Record<Exclude<Framework, 'nestjs'> | 'none', string>> = {
  express: 'server',
  koa: 'server',
  none: 'main',
};

interface Import {
  /** What is imported by name; a text: the module's default. */
  readonly names: string | readonly string[];
  readonly from: string;
}

interface CodeParts {
  readonly imports: readonly Import[];
  /** With `await` at its top. */
  readonly body: string;
}

/** CommonJS has no `await` at the top, so there it goes into a function. */
function inStyle(style: ModuleStyle, imports: readonly Import[], body: string): string {
  const lines = imports.map(style === 'commonjs' ? requireLine : importLine).join('\n');
  if (style === 'esm' || style === 'typescript-esm') return `${lines}\n\n${body}`;
  return `${lines}\n\nasync function main() {\n${body.replace(/^(?=.)/gm, '  ')}\n}\n\nvoid main();`;
}

const namesOf = ({ names }: Import): string => (typeof names === 'string' ? names : `{ ${names.join(', ')} }`);

const importLine = (one: Import): string => `import ${namesOf(one)} from '${one.from}';`;

const requireLine = (one: Import): string => `const ${namesOf(one)} = require('${one.from}');`;

const createLine = (flagFile: string): string =>
  `const halyard = await createHalyard({ store: fileStore('${flagFile}') });`;

const halyardImport: Import = { names: ['createHalyard', 'fileStore'], from: 'halyard' };

const expressParts = (flagFile: string): CodeParts => ({
  imports: [
    { names: 'express', from: 'express' },
    halyardImport,
    { names: ['flags', 'killSwitch', 'requireFlag'], from: 'halyard/express' },
  ],
  body: `${createLine(flagFile)}

const app = express();
// Who is asked about: take the id of your user from wherever your authentication puts it.
app.use(flags(halyard, { context: (req) => ({ targetingKey: req.get('x-user-id') }) }));

app.get('/checkout', (req, res) => {
  res.send(req.flags.boolean('new-checkout', false) ? 'the new checkout' : 'the old one');
});
app.post('/pay', killSwitch(halyard, 'payments'), (req, res) => {
  res.sendStatus(201); // while the flag is off: 503
});
app.get('/beta', requireFlag(halyard, 'beta-dashboard'), (req, res) => {
  res.send('hello'); // for whom the flag is off: 404
});

app.listen(3000);`,
});

const koaParts = (flagFile: string): CodeParts => ({
  imports: [{ names: 'Koa', from: 'koa' }, halyardImport, { names: ['flags'], from: 'halyard/koa' }],
  body: `${createLine(flagFile)}

const app = new Koa();
// Who is asked about: take the id of your user from wherever your authentication puts it.
app.use(flags(halyard, { context: (ctx) => ({ targetingKey: ctx.get('x-user-id') || undefined }) }));

app.use((ctx) => {
  ctx.body = ctx.state.flags.boolean('new-checkout', false) ? 'the new checkout' : 'the old one';
});
// On a route, killSwitch(halyard, 'payments') and requireFlag(halyard, 'beta-dashboard') are middleware of halyard/koa.

app.listen(3000);`,
});

const plainParts = (flagFile: string): CodeParts => ({
  imports: [halyardImport],
  body: `${createLine(flagFile)}

const isNew = halyard.boolean('new-checkout', false, { targetingKey: 'user-1' });
console.log(isNew ? 'the new checkout' : 'the old one');`,
});

const nestCode = (
  flagFile: string,
): string => `import { Controller, type ExecutionContext, Get, Module, Post } from '@nestjs/common';
import { fileStore } from 'halyard';
import { Flag, HalyardModule, KillSwitch, RequireFlag } from 'halyard/nestjs';

@Controller()
export class ShopController {
  @Get('checkout')
  checkout(@Flag('new-checkout', false) isNew: boolean) {
    return isNew ? 'the new checkout' : 'the old one';
  }

  @Post('pay')
  @KillSwitch('payments') // while the flag is off: 503
  pay() {
    return { paid: true };
  }

  @Get('beta')
  @RequireFlag('beta-dashboard') // for whom the flag is off: 404
  beta() {
    return 'hello';
  }
}

// Who is asked about: your authentication's guard has put the user there.
const context = (execution: ExecutionContext) => ({ targetingKey: execution.switchToHttp().getRequest().user?.id });

@Module({
  imports: [HalyardModule.forRoot({ halyard: { store: fileStore('${flagFile}') }, context })],
  controllers: [ShopController],
})
export class AppModule {}`;
