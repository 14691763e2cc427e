import { Command } from 'commander';
import { parseInstant } from '../../flags/instant.js';
import type { Change, Difference, FlagStore } from '../../stores/flag-store.js';
import { readStoredDocument } from '../../stores/stored-document.js';
import { type StoreOptions, usingStore, withStoreOption } from '../addresses/store-option.js';
import type { Answer } from '../answer.js';
import { parseSpan } from '../changes/span.js';
import { instant } from '../changes/standing-notes.js';
import { CommandError } from '../command-error.js';
import { withExamples } from '../examples.js';
import { EXIT } from '../exit-code.js';
import { changeInWords } from '../history/change-words.js';
import { placeOf } from '../history/changed-place.js';
import { counterOf, readHistory } from '../history/read-history.js';
import { type Column, table } from '../output/table.js';
import { unknownFlag } from '../served-flags.js';
import { answering, type Session } from '../session.js';
import type { Terminal } from '../terminal.js';

interface HistoryOptions extends StoreOptions {
  readonly limit: string;
  readonly since?: string;
}

export function historyCommand(session: Session): Command {
  const command = new Command('history')
    .summary('who changed what, when and why')
    .description('The changes that were made through Halyard, newest first: of all flags, or of one.')
    .argument('[flag]', 'its key')
    .option('--limit <number>', 'how many', '20')
    .option('--since <time>', 'only later ones: 2026-11-01, or 7d for the last seven days');
  withStoreOption(command);
  withExamples(command, {
    'halyard history payments --since 7d': 'one flag in the last week',
    'halyard history --limit 1000 --json': 'for a program, with all that was different',
  });
  return answering(command, session, (key: string | undefined, options: HistoryOptions) =>
    usingStore(options, session.terminal, (store) => history(store, key, options, session.terminal)),
  );
}

async function history(
  store: FlagStore,
  key: string | undefined,
  options: HistoryOptions,
  { now }: Terminal,
): Promise<Answer> {
  const limit = parseLimit(options.limit);
  const since = options.since === undefined ? -Infinity : parseSince(options.since, now());
  const wanted = (changes: readonly Change[]): readonly Change[] =>
    changes.filter(({ at }) => at >= since).flatMap((change) => changeOf(change, key));
  const isEnough = (changes: readonly Change[]): boolean =>
    wanted(changes).length >= limit || (changes.at(-1)?.at ?? -Infinity) < since;
  const changes = wanted(await readHistory(store, isEnough)).slice(0, limit);
  if (changes.length === 0 && key !== undefined) await expectKnown(store, key);
  return {
    data: changes.map((change) => ({ ...change, at: new Date(change.at).toISOString() })),
    text: (paper) => (changes.length === 0 ? 'No changes.' : table(changes, columns, paper)),
  };
}

/** What a change did to one flag; nothing, if it did not touch it. */
function changeOf(change: Change, key: string | undefined): readonly Change[] {
  if (key === undefined) return [change];
  const difference = change.difference.filter(({ path }) => isOf(path, key));
  return difference.length === 0 ? [] : [{ ...change, difference }];
}

function isOf(path: Difference['path'], key: string): boolean {
  const place = placeOf(path);
  return place.part !== 'document' && place.key === key;
}

const columns: readonly Column<Change>[] = [
  { title: 'WHEN (UTC)', of: ({ at }) => instant(at).slice(0, 16).replace('T', ' ') },
  { title: 'VERSION', of: ({ version }) => counterOf(version), align: 'right' },
  { title: 'WHO', of: ({ by }) => oneLine(by), shrinksTo: 8 },
  { title: 'WHAT', of: ({ difference }) => difference.map(changeInWords).join(', '), shrinksTo: 28 },
  { title: 'WHY', of: ({ reason }) => oneLine(reason), shrinksTo: 12 },
];

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

/** @throws CommandError for a key that neither the flags nor their history know */
async function expectKnown(store: FlagStore, key: string): Promise<void> {
  const { flags } = readStoredDocument(await store.load()) as { readonly flags: Readonly<Record<string, unknown>> };
  if (!Object.hasOwn(flags, key)) throw unknownFlag(key, Object.keys(flags), store.name);
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1) return limit;
  throw new CommandError(EXIT.usage, `--limit: expected a whole number from 1 on, found ${text}.`);
}

function parseSince(text: string, now: number): number {
  const time = parseInstant(text);
  if (time !== undefined) return time;
  if (/[smhd]$/.test(text)) return now - parseSpan('--since', text) * 1000;
  throw new CommandError(
    EXIT.usage,
    `--since: expected a date such as 2026-11-01, a time such as 2026-11-01T12:00:00Z, or 7d, found ${text}.`,
  );
}
