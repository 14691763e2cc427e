import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { FlagStore } from '../../stores/flag-store.js';
import { CommandError } from '../command-error.js';
import { EXIT } from '../exit-code.js';
import type { Terminal } from '../terminal.js';
import { ADDRESSES, type OpenedStore, type OpeningOptions, openStore } from './open-store.js';

/** What every command takes that works on a store. */
export interface StoreOptions {
  readonly store?: string;
}

/** Where flags are looked for when nothing is said. */
const USUAL_FILES = ['flags.yaml', 'flags.yml', 'flags.json'];

export function withStoreOption(command: Command): Command {
  return command.addOption(
    new Option('-s, --store <address>', `where the flags are: ${ADDRESSES}. Default: HALYARD_STORE, else flags.yaml`),
  );
}

/**
 * Opens the store that was meant, works with it, and closes it.
 *
 * @throws CommandError if none is named and there is no `flags.yaml`; whatever the work throws
 */
export async function usingStore<Result>(
  { store: address }: StoreOptions,
  terminal: Terminal,
  work: (store: FlagStore, opened: OpenedStore) => Promise<Result>,
  opening: OpeningOptions = {},
): Promise<Result> {
  const opened = await openStore(addressOf(address, terminal), terminal, opening);
  try {
    return await work(opened.store, opened);
  } finally {
    await opened.close();
  }
}

/** Whether a person has said where the flags are, by the option or by HALYARD_STORE. */
export const namesStore = ({ store }: StoreOptions, terminal: Terminal): boolean =>
  namedAddress(store, terminal) !== undefined;

/** An empty option counts, and is refused: what is written must not go elsewhere because a variable of a script isn't set. */
const namedAddress = (given: string | undefined, { env }: Terminal): string | undefined =>
  given ?? (env['HALYARD_STORE'] === '' ? undefined : env['HALYARD_STORE']);

/** @throws CommandError */
export function addressOf(given: string | undefined, terminal: Terminal): string {
  const named = namedAddress(given, terminal);
  if (named !== undefined) return named;
  const { cwd } = terminal;
  const usual = USUAL_FILES.find((name) => existsSync(resolve(cwd, name)));
  if (usual !== undefined) return usual;
  throw new CommandError(
    EXIT.usage,
    `There is no flags.yaml in ${cwd}. Say where the flags are with --store or HALYARD_STORE, or make a first file: halyard init`,
  );
}
