import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type HalyardCommand, halyardIn } from './halyard-command.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const flags =
  'version: 1\nflags: { new-checkout: { description: "The redesigned checkout: fast" }, new-cart: {}, payments: {} }\n';
const files = { 'flags.yaml': flags, 'other.yaml': 'version: 1\nflags: { other: {} }\n' };

/** The words that can follow; `:files` where a file can. */
async function follow({ run }: HalyardCommand, ...words: readonly string[]): Promise<readonly string[]> {
  const { out, err, exitCode } = await run('complete', '--', ...words);
  expect({ err, exitCode }).toEqual({ err: '', exitCode: 0 });
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/\t.*/, ''));
}

describe('completion', () => {
  it('knows commands', async () => {
    const command = halyardIn(files);
    expect(await follow(command, 'ch')).toEqual(['check']);
    expect(await follow(command, 'li')).toEqual(['list']);
    expect(await follow(command, '')).not.toContain('complete');
  });

  it('knows options and their values', async () => {
    const command = halyardIn(files);
    expect(await follow(command, 'check', '--max')).toEqual(['--max-flags-per-owner', '--max-warnings']);
    expect(await follow(command, 'check', '--format', '')).toEqual(['text', 'github', 'sarif', 'json']);
    expect(await follow(command, 'check', '--format=s')).toEqual(['--format=sarif']);
    expect(await follow(command, 'ls', '--kind', 'ex')).toEqual(['experiment']);
    expect(await follow(command, 'completion', '')).toEqual(['bash', 'zsh', 'fish']);
  });

  it('knows the keys of the flags, of the store that is named', async () => {
    const command = halyardIn(files);
    // Who waits too long is offered no keys, and asks again.
    const expectKeys = (words: readonly string[], keys: readonly string[]): Promise<void> =>
      vi.waitFor(async () => expect(await follow(command, ...words)).toEqual(keys));
    await expectKeys(['eval', 'new-c'], ['new-checkout', 'new-cart']);
    await expectKeys(['eval', '--store', 'other.yaml', ''], ['other']);
    await expectKeys(['eval', '--store=other.yaml', '--', ''], ['other']);
    expect(await follow(command, 'eval', 'new-cart', '')).toEqual([]);
  });

  it('says what commands, options and flags mean', async () => {
    const { run } = halyardIn({
      'flags.yaml': 'version: 1\nflags: { a: { description: "The redesigned\\tcheckout" } }\n',
    });
    expect((await run('complete', '--', 'li')).out).toBe('list\tall flags in a table\n');
    expect((await run('complete', '--', 'list', '--js')).out).toBe('--json\tanswer as JSON, for programs\n');
    expect((await run('complete', '--', 'eval', '')).out).toBe('a\tThe redesigned checkout\n');
  });

  it('knows where files stand', async () => {
    const command = halyardIn(files);
    expect(await follow(command, 'check', 'flags.yaml', '')).toEqual([':files']);
    expect(await follow(command, 'list', '--store', '')).toEqual([':files']);
    expect(await follow(command, 'list', '--owner', '')).toEqual([]);
    expect(await follow(command, 'pull', '--out', '')).toEqual([':files']);
    expect(await follow(command, 'simulate', 'new-cart', '--units', '')).toEqual([':files']);
    expect(await follow(command, 'diff', 'flags.yaml', '')).toEqual([':files']);
    expect(await follow(command, 'check', '--name-pattern', '')).toEqual([]);
  });

  it('is silent where the flags can not be read', async () => {
    expect(await follow(halyardIn({}), 'eval', '')).toEqual([]);
    expect(await follow(halyardIn({ 'flags.yaml': '{' }), 'eval', '')).toEqual([]);
    expect(await follow(halyardIn({}), 'eval', '--store', 'redis://127.0.0.1:1', '')).toEqual([]);
  });
});

/** The command in one file, as it is installed: to compile it at each Tab takes too long. */
const command = join(mkdtempSync(join(tmpdir(), 'halyard-completion-')), 'halyard.mjs');

beforeAll(async () => {
  await build({
    entryPoints: [join(root, 'src/cli/main.ts')],
    outfile: command,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);",
    },
  });
});

afterAll(() => rmSync(dirname(command), { recursive: true, force: true }));

/** A folder with a `halyard` that can be run, and its script for a shell. */
interface Shop {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

async function shop(shell: string): Promise<Shop> {
  const { cwd, run } = halyardIn({ ...files, halyard: `#!/bin/sh\nexec node '${command}' "$@"\n` });
  chmodSync(join(cwd, 'halyard'), 0o755);
  writeFileSync(join(cwd, 'script'), (await run('completion', shell)).out);
  return { cwd, env: { ...process.env, PATH: `${cwd}:${process.env['PATH'] ?? ''}`, TERM: 'xterm' } };
}

/** Keys have to come soon, as somebody waits: on a slow machine none are offered, and one presses Tab again. */
const eventually = (check: () => void): Promise<void> => vi.waitFor(check, 120_000);

/** The tests with a shell. Without it they are skipped, with a line that says so; on CI that is a failure. */
function describeWith(shell: string, tests: () => void): void {
  describe(`the script for ${shell}`, { timeout: 300_000 }, () => {
    if (spawnSync(shell, ['--version']).error === undefined) {
      tests();
      return;
    }
    const missing = `${shell}: not on the PATH (Debian: apt-get install ${shell})`;
    console.warn(missing);
    it.skipIf(process.env['CI'] !== 'true')(missing, () => expect.fail(missing));
  });
}

describeWith('bash', () => {
  /** What a bash without any start files offers for a line that ends at the cursor. */
  const offers = ({ cwd, env }: Shop, line: string): readonly string[] => {
    const words = line.split(/(?<=[=])|(?=[=])|\s+/);
    const program = `
      source script
      COMP_LINE=$1 COMP_POINT=\${#1}; shift
      COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
      _halyard_completion
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const args = ['--norc', '--noprofile', '-c', program, 'bash', line, ...words];
    const { stdout, stderr } = spawnSync('bash', args, { cwd, encoding: 'utf8', env });
    expect(stderr).toBe('');
    return stdout.split('\n').filter((offer) => offer !== '');
  };

  it('offers commands, keys, values behind `=` and files', async () => {
    const at = await shop('bash');
    expect(offers(at, 'halyard che')).toEqual(['check']);
    await eventually(() => expect(offers(at, 'halyard eval new-c')).toEqual(['new-checkout', 'new-cart']));
    await eventually(() => expect(offers(at, `halyard eval --store 'other.yaml' o`)).toEqual(['other']));
    expect(offers(at, 'halyard check --format=s')).toEqual(['sarif']);
    expect(offers(at, 'halyard check o')).toEqual(['other.yaml']);
  });
});

describeWith('zsh', () => {
  /**
   * What stands in the line editor of an interactive zsh after each line and Tab, and what it lists below. The inner shell
   * has a terminal of its own (zsh/zpty); a widget tells the line once Tab has done its work.
   */
  const program = String.raw`
    zmodload zsh/zpty
    zpty shell zsh -f -i
    zpty -w shell 'PS1= PS2=; unset zle_bracketed_paste; autoload -Uz compinit && compinit -u -D; source ./script'
    zpty -w shell '_tab() { zle expand-or-complete; zle -R; print -r -- "<LINE:$BUFFER>"; BUFFER= }'
    zpty -w shell 'zle -N _tab; bindkey "^I" _tab; print "<READ""Y>"'
    zpty -r -m shell shown '*<READY>*'
    for line in "$@"; do
      zpty -w -n shell "$line"$'\t'
      zpty -r -m shell shown '*<LINE:*>*'
      print -rn -- "$shown"$'\0'
    done
    zpty -d shell`;

  it('completes commands, keys, values behind `=` and files, and shows what they mean', async () => {
    const { cwd, env } = await shop('zsh');
    const lines = {
      'halyard che': 'halyard check ',
      'halyard eval new-ca': 'halyard eval new-cart ',
      [`halyard eval --store 'other.yaml' o`]: `halyard eval --store 'other.yaml' other `,
      'halyard check --format=s': 'halyard check --format=sarif ',
      'halyard check o': 'halyard check other.yaml ',
      'halyard eval new-c': 'halyard eval new-c',
    };
    const args = ['-f', '-c', program, 'zsh', ...Object.keys(lines)];
    await eventually(() => {
      const { stdout } = spawnSync('zsh', args, { cwd, encoding: 'utf8', env, timeout: 50_000 });
      const shown = stdout.split('\0').slice(0, -1);
      expect(shown.map((text) => /<LINE:(.*)>/.exec(text)?.[1])).toEqual(Object.values(lines));
      expect(shown.at(-1)).toMatch(/new-checkout +-- The redesigned checkout: fast/);
    });
  });
});

describeWith('fish', () => {
  it('completes commands, keys, values behind `=` and files, and shows what they mean', async () => {
    const { cwd, env } = await shop('fish');
    const offers = (line: string): readonly string[] => {
      const args = ['--no-config', '-c', 'source script; complete -C $argv[1]', line];
      return spawnSync('fish', args, { cwd, encoding: 'utf8', env }).stdout.trim().split('\n');
    };
    expect(offers('halyard che')).toEqual(['check\teverything that is wrong with the flags']);
    await eventually(() =>
      expect(offers('halyard eval new-c')).toEqual(['new-checkout\tThe redesigned checkout: fast', 'new-cart']),
    );
    await eventually(() => expect(offers(`halyard eval --store 'other.yaml' o`)).toEqual(['other']));
    expect(offers('halyard check --format=s')).toEqual(['--format=sarif']);
    expect(offers('halyard check o')).toEqual(['other.yaml']);
  });
});
