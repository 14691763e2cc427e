import { setTimeout as delay } from 'node:timers/promises';
import { Argument, Command } from 'commander';
import { usingStore } from '../addresses/store-option.js';
import { type Candidate, complete, type CompletionSources } from '../completion/complete.js';
import { completionScript, type Shell, SHELLS } from '../completion/scripts.js';
import { withExamples } from '../examples.js';
import { printable } from '../output/printable.js';
import { readFlags } from '../served-flags.js';
import { answering, type Session } from '../session.js';
import type { Terminal } from '../terminal.js';

/** How long a person who pressed Tab waits for flag keys, in milliseconds. */
const PATIENCE_MS = 1_500;

export function completionCommand(session: Session): Command {
  const command = new Command('completion')
    .summary('completion for bash, zsh or fish')
    .description('Prints what a shell runs to complete commands, options, their values, flag keys and files.')
    .addArgument(new Argument('<shell>').choices(SHELLS));
  withExamples(command, {
    'source <(halyard completion bash)': 'in ~/.bashrc',
    'source <(halyard completion zsh)': 'in ~/.zshrc, after compinit',
    'halyard completion fish | source': 'in ~/.config/fish/config.fish',
  });
  return answering(command, session, (shell: Shell) => {
    const script = completionScript(shell);
    return Promise.resolve({ data: { shell, script }, text: () => script });
  });
}

/** What the script asks: `halyard complete -- WORDS…`. It says nothing rather than an error, into a line that is being typed. */
export function completeCommand({ terminal }: Session): Command {
  return new Command('complete')
    .description('what can follow some words; for the script of `halyard completion`')
    .argument('[words...]')
    .action(async (words: readonly string[], _options: unknown, command: Command) => {
      const program = command.parent ?? command;
      const { words: found, files } = await complete(program, words, sourcesIn(terminal));
      terminal.out([...found.map(lineOf), ...(files ? [':files'] : [])].map((line) => `${line}\n`).join(''));
    });
}

/** What a word means follows it behind a tab, as fish takes it. */
const lineOf = ({ word, means = '' }: Candidate): string =>
  means === '' ? word : `${word}\t${printable(means).replaceAll(/\s+/g, ' ')}`;

const sourcesIn = (terminal: Terminal): CompletionSources => ({
  flags: async (store) => {
    // Whoever waits too long gets none; what was begun ends by itself and keeps no process alive.
    const ended = new AbortController();
    const tooLong = delay(PATIENCE_MS, [], { ref: true, signal: ended.signal }).catch(() => []);
    const flags = flagsIn(store, terminal).catch(() => []);
    const found = await Promise.race([flags, tooLong]);
    ended.abort();
    return found;
  },
});

const flagsIn = (address: string | undefined, terminal: Terminal): Promise<readonly Candidate[]> =>
  usingStore({ ...(address !== undefined && { store: address }) }, terminal, async (store) => {
    const { served } = await readFlags(store, terminal.now);
    return Array.from(served.parsed.flags, ([word, { description }]) => ({ word, means: description }));
  });
