import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type HalyardCommand, halyardIn } from './halyard-command.js';

const flagsYaml = `version: 1
flags:
  new-checkout:
    owner: payments-team
    created: 2026-04-01
    expires: 2027-06-01
    rollout:
      curve: linear
      start: 2026-06-01
      hours: 720
  checkout-color:
    created: 2026-04-01
    variants: { green: green, blue: blue }
    serve: green
  old-search:
    created: 2026-01-01
    expires: 2026-05-01
    rollout: 50
  unread:
    created: 2026-01-01
    serve: off
  fresh:
    created: 2026-11-01
    serve: on
  payments-stop:
    kind: operational
    created: 2025-01-01
    serve: on
`;

const checkout = `import { legacy } from './legacy.js';
import { flags } from './flags.js';

export function checkout() {
  if (flags.boolean('new-checkout', false)) {
    return { color: flags.string('checkout-color', 'blue') };
  }
  return legacy();
}
`;

const files: Readonly<Record<string, string>> = {
  'flags.yaml': flagsYaml,
  'src/checkout.ts': checkout,
  'src/cart.ts':
    "import { flags } from './flags.js';\n\nexport const isNew = () => flags.boolean('new-checkout', false);\n",
  'src/report.ts': "import { flags } from './flags.js';\n\nexport const why = flags.details('new-checkout', false);\n",
  'src/keys.ts': "export const KEYS = {\n  checkout: 'new-checkout',\n} as const;\n",
  'src/search.ts': "import { flags } from './flags.js';\n\nexport const isOld = flags.boolean('old-search', true);\n",
};

function shop(more: Readonly<Record<string, string>> = {}): HalyardCommand {
  const halyard = halyardIn({});
  for (const [name, text] of Object.entries({ ...files, ...more })) {
    mkdirSync(dirname(join(halyard.cwd, name)), { recursive: true });
    writeFileSync(join(halyard.cwd, name), text);
  }
  return halyard;
}

const read = ({ cwd }: HalyardCommand, file: string): string => readFileSync(join(cwd, file), 'utf8');

function git({ cwd }: HalyardCommand, ...args: readonly string[]): void {
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { cwd, stdio: 'pipe' });
}

describe('halyard stale', () => {
  it('shows the flags that can go, with what shows it', async () => {
    expect(await shop().run('stale', 'src')).toMatchInlineSnapshot(`
      {
        "err": "",
        "exitCode": 0,
        "out": "unread  release  no owner
        off for everyone
        why             everyone gets off, and it was made 324 days ago
        last evaluated  unknown
        in code         no reads
        next            halyard delete unread --reason 'nothing reads it any more' --yes

      new-checkout  release  payments-team
        on for everyone since 2026-07-01
        why             its rollout is over: everyone gets on, and has been so for 143 days
        last evaluated  unknown
        in code         3 reads in 3 files
        next            halyard stale src --fix new-checkout

      checkout-color  release  no owner
        green for everyone
        why             everyone gets green, and it was made 234 days ago
        last evaluated  unknown
        in code         1 read in 1 file
        next            halyard stale src --fix checkout-color

      3 flags can go.
      ",
      }
    `);
  });

  it('takes flags whose end is over along, and asks for a decision', async () => {
    const { out } = await shop().run('stale', 'src', '--expired', '--flag', 'old-search');
    expect(out).toMatchInlineSnapshot(`
      "old-search  release  no owner
        it still decides who gets what
        why             its time ended 204 days ago
        last evaluated  unknown
        in code         1 read in 1 file
        next            halyard stale src --fix old-search --value old-search=VARIANT

      1 flag can go.
      "
    `);
  });

  it('waits as long as it is told', async () => {
    const { out } = await shop().run('stale', 'src', '--days', '300', '--json');
    const { flags } = JSON.parse(out) as { flags: { key: string }[] };
    expect(flags.map(({ key }) => key)).toEqual(['unread', 'checkout-color']);
  });

  it('warns in CI, and fails above a number of warnings', async () => {
    const { out, err, exitCode } = await shop().run('stale', 'src', '--format', 'github', '--max-warnings', '1');
    expect(out).toMatchInlineSnapshot(`
      "::warning title=halyard stale-flag::\`unread\` can go: off for everyone; everyone gets off, and it was made 324 days ago; last evaluated: unknown; no reads. Next: halyard delete unread --reason 'nothing reads it any more' --yes
      ::warning file=src/cart.ts,line=3,col=28,title=halyard stale-flag::\`new-checkout\` can go: on for everyone since 2026-07-01; its rollout is over: everyone gets on, and has been so for 143 days; last evaluated: unknown; 3 reads in 3 files. Next: halyard stale src --fix new-checkout
      ::warning file=src/checkout.ts,line=6,col=21,title=halyard stale-flag::\`checkout-color\` can go: green for everyone; everyone gets green, and it was made 234 days ago; last evaluated: unknown; 1 read in 1 file. Next: halyard stale src --fix checkout-color
      "
    `);
    expect({ err, exitCode }).toMatchInlineSnapshot(`
      {
        "err": "3 warnings, where --max-warnings allows 1.
      ",
        "exitCode": 1,
      }
    `);
  });

  it('refuses what can not be meant', async () => {
    const halyard = shop();
    expect(await halyard.run('stale', '--write')).toMatchObject({ exitCode: 2 });
    expect(await halyard.run('stale', '--fix', 'new-chekout')).toMatchInlineSnapshot(`
      {
        "err": "halyard: file:./flags.yaml has no flag \`new-chekout\`. Did you mean \`new-checkout\`?
      ",
        "exitCode": 1,
        "out": "",
      }
    `);
    expect(await halyard.run('stale', '--fix', 'old-search')).toMatchInlineSnapshot(`
      {
        "err": "halyard: \`old-search\` still decides who gets what. Decide for everyone: --value old-search=on or --value old-search=off.
      ",
        "exitCode": 1,
        "out": "",
      }
    `);
    expect((await halyard.run('stale', '--fix', '--value', 'old-search=green')).err).toMatchInlineSnapshot(`
      "halyard: \`old-search\` has no variant \`green\`; it has on, off.
      "
    `);
  });
});

describe('halyard stale --fix', () => {
  it('shows the change, and what is left to do, and writes nothing', async () => {
    const halyard = shop();
    expect(await halyard.run('stale', 'src', '--fix', 'new-checkout')).toMatchInlineSnapshot(`
      {
        "err": "
      Left for you, at 3 places:
        src/cart.ts:3  \`isNew\` is always \`true\` now: use that where it is imported, then remove it.
        src/keys.ts:2  The key is kept here: remove that, too, if nothing else needs it.
        src/report.ts:3  \`details()\` asks for more than the value: write down what its reader needs.

      Looks right? halyard stale src --fix new-checkout --write

      When no running version reads it any more:
        halyard delete new-checkout --reason 'removed from the code' --yes
      ",
        "exitCode": 0,
        "out": "--- a/src/cart.ts
      +++ b/src/cart.ts
      @@ -1,3 +1,1 @@
      -import { flags } from './flags.js';
      -
      -export const isNew = () => flags.boolean('new-checkout', false);
      +export const isNew = () => true;
      --- a/src/checkout.ts
      +++ b/src/checkout.ts
      @@ -1,9 +1,5 @@
      -import { legacy } from './legacy.js';
       import { flags } from './flags.js';
       
       export function checkout() {
      -  if (flags.boolean('new-checkout', false)) {
      -    return { color: flags.string('checkout-color', 'blue') };
      -  }
      -  return legacy();
      +  return { color: flags.string('checkout-color', 'blue') };
       }
      ",
      }
    `);
    expect(read(halyard, 'src/checkout.ts')).toBe(checkout);
  });

  it('writes it, with the file mode as it was', async () => {
    const halyard = shop();
    chmodSync(join(halyard.cwd, 'src/checkout.ts'), 0o755);
    const { out, exitCode, err } = await halyard.run('stale', 'src', '--fix', '--write');
    expect(err).toMatch(/src\/report\.ts:3 {2}`details\(\)`/);
    expect({ out, exitCode }).toMatchInlineSnapshot(`
      {
        "exitCode": 0,
        "out": "src/cart.ts
      src/checkout.ts
      2 files changed.
      ",
      }
    `);
    expect(read(halyard, 'src/checkout.ts')).toBe("export function checkout() {\n  return { color: 'green' };\n}\n");
    expect(statSync(join(halyard.cwd, 'src/checkout.ts')).mode & 0o777).toBe(0o755);
    expect((await halyard.run('stale', 'src', '--fix')).out).toBe('There is nothing to change.\n');
  });

  it('prints a diff that git takes', async () => {
    const halyard = shop();
    git(halyard, 'init', '-q');
    const { out } = await halyard.run('stale', 'src', '--fix');
    execFileSync('git', ['apply', '-'], { cwd: halyard.cwd, input: out });
    expect(read(halyard, 'src/checkout.ts')).toBe("export function checkout() {\n  return { color: 'green' };\n}\n");
  });

  it('decides as it is told for a flag that is not settled', async () => {
    const halyard = shop();
    await halyard.run('stale', 'src', '--fix', '--value', 'old-search=off', '--write');
    expect(read(halyard, 'src/search.ts')).toBe('export const isOld = false;\n');
    expect(read(halyard, 'src/checkout.ts')).toBe(checkout);
  });

  it('does not mix its change with others, unless it is forced to', async () => {
    const halyard = shop();
    git(halyard, 'init', '-q');
    git(halyard, 'add', '.');
    git(halyard, 'commit', '-qm', 'All');
    writeFileSync(join(halyard.cwd, 'src/cart.ts'), `// mine\n${files['src/cart.ts']}`);
    const refused = await halyard.run('stale', 'src', '--fix', '--write');
    expect(refused).toMatchObject({ exitCode: 1, out: '' });
    expect(refused.err).toMatch(/src\/cart\.ts/);
    expect(read(halyard, 'src/checkout.ts')).toBe(checkout);
    expect(await halyard.run('stale', 'src', '--fix', '--write', '--force')).toMatchObject({ exitCode: 0 });
    expect(read(halyard, 'src/cart.ts')).toBe('// mine\n\nexport const isNew = () => true;\n');
  });

  it('goes on without a file that it can not read', async () => {
    const halyard = shop({ 'src/broken.ts': "if (flags.boolean('new-checkout', false) {" });
    writeFileSync(join(halyard.cwd, 'src/latin.ts'), Buffer.from("flags.boolean('new-checkout', '\xe9');", 'latin1'));
    const { err, exitCode } = await halyard.run('stale', 'src', '--fix', 'new-checkout', '--write');
    expect(exitCode).toBe(1);
    expect(err).toContain('src/latin.ts: It is not UTF-8.');
    expect(err).toMatch(/src\/broken\.ts: Unexpected token/);
    expect(read(halyard, 'src/cart.ts')).toContain('=> true');
  });

  it('says for programs what it would change', async () => {
    const { out } = await shop().run('stale', 'src', '--fix', 'checkout-color', '--json');
    expect(JSON.parse(out)).toMatchObject({
      flags: [{ key: 'checkout-color', type: 'value', value: 'green' }],
      changes: [{ file: 'src/checkout.ts' }],
      isWritten: false,
      leftovers: [],
      failed: [],
    });
  });
});
