import type { Argument, Command, Option } from 'commander';

/** What may stand where somebody stopped typing. */
export interface Completions {
  readonly words: readonly Candidate[];
  /** Whether a file may stand there: the shell knows those. */
  readonly files: boolean;
}

/** A word, and what a shell may show beside it. */
export interface Candidate {
  readonly word: string;
  /** In a few words; absent: the word says it. */
  readonly means?: string | undefined;
}

/** What of the outside is asked for while completing. */
export interface CompletionSources {
  /** All flags by their keys, of the store that the typed words name; `undefined`: of the usual one. */
  readonly flags: (store: string | undefined) => Promise<readonly Candidate[]>;
}

const nothing: Completions = { words: [], files: false };

/**
 * What can follow some words of a command line.
 *
 * @param words those before the cursor, without the program's name; the last one has been begun, and may be empty
 */
export async function complete(
  program: Command,
  words: readonly string[],
  sources: CompletionSources,
): Promise<Completions> {
  const typed = readWords(program, words.slice(0, -1));
  const begun = words.at(-1) ?? '';
  const found = await candidates(typed, begun, sources);
  return { words: found.words.filter(({ word }) => word.startsWith(begun)), files: found.files };
}

/** What the words before the cursor say. */
interface TypedWords {
  readonly command: Command;
  /** The option that still waits for its value. */
  readonly pending: Option | undefined;
  /** How many arguments there are. */
  readonly argumentCount: number;
  /** After `--` come arguments alone. */
  readonly isPastOptions: boolean;
  readonly store: string | undefined;
}

function readWords(program: Command, words: readonly string[]): TypedWords {
  let command = program;
  let pending: Option | undefined;
  let argumentCount = 0;
  let isPastOptions = false;
  let store: string | undefined;
  for (const word of words) {
    if (pending !== undefined) {
      if (pending.long === '--store') store = word;
      pending = undefined;
    } else if (word === '--' && !isPastOptions) isPastOptions = true;
    else if (word.startsWith('-') && word !== '-' && !isPastOptions) {
      const [name, value] = word.split('=', 2);
      const option = command.options.find(({ short, long }) => name === short || name === long);
      if (option?.long === '--store' && value !== undefined) store = value;
      if (option?.required === true && value === undefined) pending = option;
    } else {
      const inner = subcommandOf(command, word);
      if (inner === undefined) argumentCount++;
      else command = inner;
    }
  }
  return { command, pending, argumentCount, isPastOptions, store };
}

const subcommandOf = (command: Command, word: string): Command | undefined =>
  command.commands.find((inner) => inner.name() === word || inner.aliases().includes(word));

async function candidates(typed: TypedWords, begun: string, sources: CompletionSources): Promise<Completions> {
  const { command, pending, isPastOptions } = typed;
  if (pending !== undefined) return valuesOf(pending.argChoices, pending.flags);
  if (begun.startsWith('-') && !isPastOptions) return optionsOf(command, begun);
  if (command.commands.length > 0) {
    const words = visibleCommands(command).map((inner) => ({ word: inner.name(), means: inner.summary() }));
    return { words, files: false };
  }
  const argument = argumentAt(command, typed.argumentCount);
  if (argument === undefined) return nothing;
  if (argument.name() === 'flag') return { words: await sources.flags(typed.store), files: false };
  return valuesOf(argument.argChoices, argument.name());
}

/** Names of options, or the values of one that is written `--format=`. */
function optionsOf(command: Command, begun: string): Completions {
  const equals = begun.indexOf('=');
  if (equals !== -1) {
    const name = begun.slice(0, equals);
    const choices = command.options.find(({ long }) => long === name)?.argChoices ?? [];
    return { words: choices.map((choice) => ({ word: `${name}=${choice}` })), files: false };
  }
  const words = command.options
    .filter(({ hidden }) => !hidden)
    .map(({ long, short, description }) => ({ word: long ?? short ?? '', means: description }));
  return { words: [...words, { word: '--help', means: 'what the command does, with examples' }], files: false };
}

/** What stands for a file is told by its name: `[files...]`, `[paths...]`, `--store <address>`, `--out <file>`; and the sides of `diff`. */
const FILE_NAMES = /file|path|store|^old$|^new$/;

function valuesOf(choices: readonly string[] | undefined, name: string): Completions {
  if (choices === undefined) return { words: [], files: FILE_NAMES.test(name) };
  return { words: choices.map((word) => ({ word })), files: false };
}

function argumentAt({ registeredArguments }: Command, index: number): Argument | undefined {
  const last = registeredArguments.at(-1);
  return registeredArguments[index] ?? (last?.variadic === true ? last : undefined);
}

const visibleCommands = (command: Command): readonly Command[] => command.createHelp().visibleCommands(command);
