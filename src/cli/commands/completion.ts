import { setTimeout as delay } from 'node:timers/promises';
import { Argument, Command } from 'commander';
import { usingStore } from '../addresses/store-option.js';
import { complete, type CompletionSources } from '../completion/complete.js';
import { completionScript, type Shell, SHELLS } from '../completion/scripts.js';
import { withExamples } from '../examples.js';
import { readFlags } from '../served-flags.js';
import { answering, type Session } from '../session.js';
import type { Terminal } from '../terminal.js';

/** How long a person who pressed Tab waits for flag keys, in milliseconds. */
const PATIENCE_MS = 1_500;

export function completionCommand(session: Session): Command {
  const command = new Command('completion')
    .summary('completion for bash or zsh')
    .description('Prints what a shell runs to complete commands, options, their values, flag keys and files.')
    .addArgument(new Argument('<shell>').choices(SHELLS));
  withExamples(command, {
    'source <(halyard completion bash)': 'in ~/.bashrc',
    'source <(halyard completion zsh)': 'in ~/.zshrc, after compinit',
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
      terminal.out([...found, ...(files ? [':files'] : [])].map((line) => `${line}\n`).join(''));
    });
}

const sourcesIn = (terminal: Terminal): CompletionSources => ({
  flagKeys: async (store) => {
    // Whoever waits too long gets none; what was begun ends by itself and keeps no process alive.
    const ended = new AbortController();
    const tooLong = delay(PATIENCE_MS, [], { ref: true, signal: ended.signal }).catch(() => []);
    const keys = keysIn(store, terminal).catch(() => []);
    const found = await Promise.race([keys, tooLong]);
    ended.abort();
    return found;
  },
});

const keysIn = (address: string | undefined, terminal: Terminal): Promise<readonly string[]> =>
  usingStore({ ...(address !== undefined && { store: address }) }, terminal, async (store) => {
    const { served } = await readFlags(store, terminal.now);
    return [...served.parsed.flags.keys()];
  });
