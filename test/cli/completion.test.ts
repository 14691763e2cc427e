import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { type HalyardCommand, halyardIn } from './halyard-command.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const flags = 'version: 1\nflags: { new-checkout: {}, new-cart: {}, payments: {} }\n';
const files = { 'flags.yaml': flags, 'other.yaml': 'version: 1\nflags: { other: {} }\n' };

/** The words that can follow; `:files` where a file can. */
async function follow({ run }: HalyardCommand, ...words: readonly string[]): Promise<readonly string[]> {
  const { out, err, exitCode } = await run('complete', '--', ...words);
  expect({ err, exitCode }).toEqual({ err: '', exitCode: 0 });
  return out.split('\n').filter((line) => line !== '');
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
    expect(await follow(command, 'completion', '')).toEqual(['bash', 'zsh']);
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

/** What a shell without any start files offers for a line that ends at the cursor. */
function bashOffers(cwd: string, script: string, line: string): readonly string[] {
  const words = line.split(/(?<=[=])|(?=[=])|\s+/);
  const program = `
    halyard() { node --import ${join(root, 'node_modules/tsx/dist/esm/index.mjs')} ${join(root, 'src/cli/main.ts')} "$@"; }
    ${script}
    COMP_LINE=$1 COMP_POINT=\${#1}; shift
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    _halyard_completion
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['--norc', '--noprofile', '-c', program, 'bash', line, ...words], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, TSX_TSCONFIG_PATH: join(root, 'tsconfig.json'), NODE_PATH: join(root, 'node_modules') },
  });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((offer) => offer !== '');
}

describe.runIf(spawnSync('bash', ['--version']).status === 0)('the script for bash', () => {
  it('offers commands, keys, values behind `=` and files', async () => {
    const { run, cwd } = halyardIn(files);
    const { out: script } = await run('completion', 'bash');
    expect(bashOffers(cwd, script, 'halyard che')).toEqual(['check']);
    // Who waits too long is offered no keys, and asks again.
    const expectKeys = () =>
      expect(bashOffers(cwd, script, 'halyard eval new-c')).toEqual(['new-checkout', 'new-cart']);
    await vi.waitFor(expectKeys, 120_000);
    expect(bashOffers(cwd, script, 'halyard check --format=s')).toEqual(['sarif']);
    expect(bashOffers(cwd, script, 'halyard check o')).toEqual(['other.yaml']);
  }, 300_000);
});

describe.runIf(spawnSync('zsh', ['--version']).status === 0)('the script for zsh', () => {
  it('is a script', async () => {
    const { out: script } = await halyardIn({}).run('completion', 'zsh');
    expect(spawnSync('zsh', ['-n'], { input: script, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });
});
