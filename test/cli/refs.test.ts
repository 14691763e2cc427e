import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { generateProject } from './fixture-project/generate-project.js';
import { type HalyardCommand, halyardIn } from './halyard-command.js';

/** A project whose files may lie in folders. */
function projectOf(files: Iterable<readonly [string, string]>): HalyardCommand {
  const { cwd, run } = halyardIn({});
  for (const [name, text] of files) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), text);
  }
  return { cwd, run };
}

interface Data {
  readonly files: number;
  readonly reads: readonly {
    readonly key?: string;
    readonly kind: string;
    readonly file: string;
    readonly line: number;
    readonly column: number;
    readonly inside: readonly { readonly flagKey: string }[];
  }[];
  readonly findings: readonly { readonly rule: string; readonly severity: string; readonly flagKey?: string }[];
  readonly mentions: readonly { readonly key: string; readonly file: string; readonly line: number }[];
}

const dataOf = ({ out }: { readonly out: string }): Data => JSON.parse(out) as Data;

describe('halyard refs, on a project of more than 300 files', () => {
  it.each([1, 2026])('finds each read, and nothing else (seed %i)', async (seed) => {
    const project = generateProject({ seed });
    const halyard = projectOf(project.files);
    const ran = await halyard.run('refs', '--json');
    const { files, reads, findings } = dataOf(ran);
    expect(files).toBeGreaterThan(300);
    const found = reads.map(({ file, line, column, kind, key = '?', inside }) =>
      [`${file}:${line}:${column} ${kind} ${key}`, ...inside.map(({ flagKey }) => flagKey)].join(' < '),
    );
    const planted = project.reads.map(({ file, line, column, kind, key = '?', inside }) =>
      [`${file}:${line}:${column} ${kind} ${key}`, ...inside].join(' < '),
    );
    expect(found.toSorted()).toEqual(planted.toSorted());
    const of = (rule: string) => findings.filter((finding) => finding.rule === rule).map(({ flagKey }) => flagKey);
    expect(new Set(of('undefined-flag').map((key) => key?.endsWith('-missing')))).toEqual(new Set([true]));
    expect(of('unused-flag')).toEqual(project.unused);
    expect(ran).toMatchObject({ exitCode: 1, err: '' });
  });
});

const flagsYaml = `version: 1
flags:
  new-checkout:
    serve: on
  checkout-button:
    serve: on
  old-banner:
    serve: off
  dark-mode:
    serve: on
    requires: [{ flag: new-checkout, variant: on }]
`;

const shop = `import type { RequestFlags } from 'halyard/express';
export function page(flags: RequestFlags, name: string) {
  flags.boolean('new-chekout', false);
  flags.boolean(name + '-page', false);
  if (flags.boolean('new-checkout', false)) {
    flags.boolean('dark-mode', false);
    return flags.string('checkout-button', 'blue');
  }
}
`;

describe('halyard refs', () => {
  it('shows each flag with its reads, then what is wrong', async () => {
    const halyard = projectOf([
      ['flags.yaml', flagsYaml],
      ['src/shop.ts', shop],
    ]);
    const { out, err, exitCode } = await halyard.run('refs', 'src');
    expect(out).toMatchInlineSnapshot(`
      "checkout-button
        src/shop.ts:7:12  string       in new-checkout's branch

      dark-mode
        src/shop.ts:6:5  boolean      in new-checkout's branch

      new-checkout
        src/shop.ts:5:7  boolean

      new-chekout
        src/shop.ts:3:3  boolean

      Used but not defined
        src/shop.ts:3:3
          \`new-chekout\` is not defined in flags.yaml: whoever reads it is given the
          fallback. Did you mean \`new-checkout\`?

      Defined but not used
        \`old-banner\` of flags.yaml is not used: nothing in 1 file reads it. Other
        repositories, or OFREP clients, may evaluate it.

      Read inside another flag's branch
        src/shop.ts:7:12
          \`checkout-button\` is read inside a branch of \`new-checkout\`: their answers
          must be tested together, and neither can be removed alone.

      Keys that can't be told
        src/shop.ts:4:3
          The key is computed, so nobody can tell which flag is read. Pass a text or a
          constant.

      4 flags at 4 places in 1 file.
      "
    `);
    expect({ err, exitCode }).toEqual({ err: '', exitCode: 1 });
  });

  it('keeps to what was asked for', async () => {
    const halyard = projectOf([
      ['flags.yaml', flagsYaml],
      ['src/shop.ts', shop],
    ]);
    const rulesOf = async (...args: readonly string[]) =>
      dataOf(await halyard.run('refs', '--json', ...args)).findings.map(({ rule }) => rule);
    expect(await rulesOf('--undefined')).toEqual(['undefined-flag']);
    expect(await rulesOf('--unused')).toEqual(['unused-flag']);
    expect(await rulesOf('--nested', '--unused')).toEqual(['nested-flag', 'unused-flag']);
    expect(await rulesOf('--no-store')).toEqual(['dynamic-key', 'nested-flag', 'nested-flag']);
    const { reads } = dataOf(await halyard.run('refs', '--json', '--flag', 'dark-mode'));
    expect(reads.map(({ key, line, column }) => [key, line, column])).toEqual([['dark-mode', 6, 5]]);
  });

  it('ends well where nothing is worse than a warning, unless there are too many', async () => {
    const halyard = projectOf([
      ['flags.yaml', flagsYaml],
      ['src/shop.ts', "flags.boolean('new-checkout', false)"],
    ]);
    expect(await halyard.run('refs')).toMatchObject({ exitCode: 0 });
    expect(await halyard.run('refs', '--max-warnings', '1')).toMatchObject({ exitCode: 1 });
  });

  it('prints findings for pull requests and code scanning', async () => {
    const halyard = projectOf([
      ['flags.yaml', flagsYaml],
      ['src/shop.ts', shop],
    ]);
    const github = await halyard.run('refs', '--undefined', '--format', 'github');
    expect(github.out).toBe(
      '::error file=src/shop.ts,line=3,col=3,title=halyard undefined-flag::`new-chekout` is not defined in flags.yaml: ' +
        'whoever reads it is given the fallback. Did you mean `new-checkout`?\n',
    );
    const sarif = JSON.parse((await halyard.run('refs', '--format', 'sarif')).out) as { runs: { results: object[] }[] };
    expect(sarif.runs[0]!.results).toHaveLength(4);
  });

  it('follows keys and wrappers through files, re-exports and the paths of tsconfig.json, also out of the paths it is given', async () => {
    const halyard = projectOf([
      ['flags.yaml', flagsYaml],
      ['tsconfig.json', '{ "compilerOptions": { "paths": { "#lib/*": ["./lib/*"], }, } } // ours'],
      ['lib/keys.ts', "export const KEYS = { old: 'old-banner' } as const;"],
      ['lib/index.ts', "export * from './keys.js'; export { default as isOn } from './is-on.js';"],
      [
        'lib/is-on.ts',
        "import { halyard } from './halyard.js'; export default (key: string) => halyard.boolean(key, false);",
      ],
      ['src/shop.ts', "import { isOn, KEYS } from '#lib/index.js';\nisOn(KEYS.old);"],
    ]);
    const { reads, files } = dataOf(await halyard.run('refs', 'src', '--json'));
    expect(files).toBe(1);
    expect(reads).toMatchObject([{ key: 'old-banner', kind: 'wrapper', file: 'src/shop.ts', line: 2, column: 1 }]);
  });

  it('leaves out what git ignores, what --ignore names, and what links lead to', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'halyard-refs-'));
    onTestFinished(() => rmSync(elsewhere, { recursive: true, force: true }));
    writeFileSync(join(elsewhere, 'linked.ts'), "flags.boolean('linked', false)");
    const files = ['src/a.ts', 'src/generated/b.ts', 'out/c.ts', 'node_modules/x/d.js', 'dist/e.js'];
    const halyard = projectOf([
      ['.gitignore', 'out/\nnode_modules/\n'],
      ...files.map((file) => [file, "flags.boolean('new-checkout', false)"] as const),
    ]);
    symlinkSync(elsewhere, join(halyard.cwd, 'src/linked'));
    symlinkSync(join(elsewhere, 'linked.ts'), join(halyard.cwd, 'src/linked.ts'));
    const filesRead = async (...args: readonly string[]) =>
      dataOf(await halyard.run('refs', '--no-store', '--json', ...args)).reads.map(({ file }) => file);
    expect(await filesRead()).toEqual(['out/c.ts', 'src/a.ts', 'src/generated/b.ts']);
    execFileSync('git', ['init', '-q'], { cwd: halyard.cwd });
    expect(await filesRead()).toEqual(['dist/e.js', 'src/a.ts', 'src/generated/b.ts']);
    expect(await filesRead('--ignore', 'dist', '--ignore', '**/generated/**')).toEqual(['src/a.ts']);
  });

  it('tells of a file that it cannot read, and goes on', async () => {
    const halyard = projectOf([
      ['a.ts', 'const = ;'],
      ['b.ts', "flags.boolean('new-checkout', false)"],
    ]);
    const { out, err, exitCode } = await halyard.run('refs', '--no-store');
    expect(err).toContain("a.ts can't be read as source code: Unexpected token (1:6)");
    expect({ out, exitCode }).toEqual({
      out: 'new-checkout\n  b.ts:1:1  boolean\n\n1 flag at 1 place in 2 files.\n',
      exitCode: 0,
    });
  });

  it('lets tests have flags of their own, and calls a flag unused that only they read', async () => {
    const halyard = projectOf([
      ['flags.yaml', 'version: 1\nflags:\n  old-banner:\n    serve: on\n'],
      ['src/shop.test.ts', "flags.boolean('made-up', false); flags.boolean('old-banner', false);"],
    ]);
    const { findings } = dataOf(await halyard.run('refs', '--json'));
    expect(findings).toMatchObject([{ rule: 'unused-flag', flagKey: 'old-banner' }]);
  });

  it('shows where keys are only written, when it is asked to', async () => {
    const halyard = projectOf([
      ['flags.yaml', flagsYaml],
      ['settings.json', '{\n  "flag": "old-banner",\n  "other": "old-banner-2"\n}'],
      [
        'a.ts',
        "export const list = ['old-banner'];\n// old-banner\nf('banner(');\nflags.boolean('new-checkout', false);",
      ],
    ]);
    const { mentions } = dataOf(await halyard.run('refs', '--mentions', '--json'));
    expect(mentions).toEqual([
      { key: 'old-banner', file: 'a.ts', line: 1 },
      { key: 'old-banner', file: 'settings.json', line: 2 },
    ]);
    // A text that can be no key, nor a pattern.
    expect(await halyard.run('refs', '--mentions', '--no-store', '--flag', 'banner(')).toMatchObject({ exitCode: 0 });
  });

  it('reads calls of functions that are named to it', async () => {
    const halyard = projectOf([['a.js', "isEnabled('a'); check(user, 'b');"]]);
    const ran = await halyard.run('refs', '--no-store', '--json', '--wrapper', 'isEnabled', '--wrapper', 'check:1');
    expect(dataOf(ran).reads.map(({ key }) => key)).toEqual(['a', 'b']);
    expect(await halyard.run('refs', '--no-store', '--wrapper', 'a b')).toMatchObject({ exitCode: 2 });
  });

  it('says that there is no such path', async () => {
    const ran = await projectOf([]).run('refs', 'scr', '--no-store');
    expect(ran).toEqual({ out: '', err: 'halyard: There is no file or folder scr here.\n', exitCode: 2 });
  });
});
