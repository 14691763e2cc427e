import { locateProblems, readFlagDocumentText } from '../flags/flag-document-text.js';
import type { FlagDefinition } from '../flags/flag-definition.js';
import { didYouMean } from '../flags/nearest-word.js';
import { parseFlagDocument } from '../flags/parse-flag-document.js';
import { FlagDocumentError } from '../flags/problem.js';
import { Runtime, type ServedFlags } from '../runtime/runtime.js';
import type { Logger } from '../runtime/logger.js';
import type { FlagStore } from '../stores/flag-store.js';
import { isTexts } from '../stores/stored-document.js';
import { CommandError } from './command-error.js';
import { EXIT } from './exit-code.js';

/** Flags as a service that follows the same store serves them, without what its own environment says. */
export interface CommandFlags {
  readonly served: ServedFlags;
  readonly runtime: Runtime;
}

/**
 * Reads a store as a service does.
 *
 * @throws FlagDocumentError for a document with errors, where the store refuses it whole; whatever `load` rejects with
 */
export async function readFlags(store: FlagStore, now: () => number): Promise<CommandFlags> {
  const stored = await store.load();
  const { state, version, document: written } = stored;
  const text = isTexts(written) ? readFlagDocumentText(written, { maxBytes: store.maxBytes }) : undefined;
  const document = text === undefined ? written : text.document;
  const found = parseFlagDocument(document, { textProblems: text?.problems });
  const parsed = text === undefined ? found : { ...found, problems: locateProblems(found.problems, text) };
  const isBroken = parsed.problems.some(({ severity }) => severity === 'error');
  if (isBroken && store.refuses === 'whole') throw new FlagDocumentError(parsed.problems);
  const served: ServedFlags = { document, parsed, state, version, source: store.name };
  const runtime = createRuntime(now);
  runtime.serveStoredNow(served);
  return { served, runtime };
}

/** What serves flags in a service, without flags yet: it heeds no switch of the shell, and says nothing. */
export function createRuntime(now: () => number): Runtime {
  const local = { kills: new Map(), overrides: new Map() };
  return new Runtime({ base: {}, clock: { now }, logger: silent, local, watch: false, strictKeys: false });
}

/** @throws CommandError with the nearest key, if there is no such flag */
export function flagOf({ served }: CommandFlags, key: string): FlagDefinition {
  const { flags, refused } = served.parsed;
  const definition = flags.get(key);
  if (definition !== undefined) return definition;
  if (refused.has(key)) {
    throw new CommandError(EXIT.store, `The flag \`${key}\` has errors, and no service takes it: halyard check`);
  }
  throw unknownFlag(key, flags.keys(), served.source);
}

/** @param advice what else could be meant, after a space */
export function unknownFlag(key: string, keys: Iterable<string>, source: string, advice: string = ''): CommandError {
  return new CommandError(EXIT.problems, `${source} has no flag \`${key}\`.${didYouMean(key, keys)}${advice}`);
}

const ignore = (): void => undefined;

/** What commands have to say they say themselves. */
const silent: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
