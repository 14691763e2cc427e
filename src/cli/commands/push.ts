import { resolve } from 'node:path';
import { Command } from 'commander';
import { FlagDocumentError, formatProblem } from '../../flags/problem.js';
import { pushDocument, type PushResult } from '../../moving/push-document.js';
import type { FlagStore, SourceText } from '../../stores/flag-store.js';
import { readTextFile } from '../../stores/text-file.js';
import { usingStore } from '../addresses/store-option.js';
import type { Answer } from '../answer.js';
import { authorOf } from '../changes/author.js';
import { differenceText } from '../changes/difference-text.js';
import { foreseePush, type ForeseenPush } from '../changes/foresee-push.js';
import { awaitFleet, notAwaited } from '../changes/await-fleet.js';
import { readOnly } from '../changes/traced-store.js';
import { waitMsOf, type WriteOptions, withWriteOptions } from '../changes/write-options.js';
import { CommandError } from '../command-error.js';
import { diffText } from '../diff/diff-text.js';
import { type MovesOptions, unitsOption } from '../diff/find-moves.js';
import { withExamples } from '../examples.js';
import { EXIT } from '../exit-code.js';
import { counted } from '../output/counted.js';
import { answering, type Session } from '../session.js';
import type { Paper, Terminal } from '../terminal.js';

interface PushOptions extends WriteOptions, MovesOptions {
  readonly migrate?: boolean;
}

export function pushCommand(session: Session): Command {
  const command = new Command('push')
    .summary('replace the document of a store by files')
    .description(
      'Replaces the document of a store by YAML or JSON files; of several, later wins. A flag that the files lack is removed. What operations did stays: no push ends a kill.',
    )
    .argument('<file...>', 'the files; - is what is piped in')
    .addOption(unitsOption('with --dry-run: among whom it is found out who would move'))
    .option('--migrate', 'make the tables of a PostgreSQL database first, or bring them up to date');
  withWriteOptions(command);
  withExamples(command, {
    'halyard push flags.yaml --store "redis://localhost?prefix=shop" --dry-run':
      'what would change, and who would move',
    'halyard push flags.yaml flags.production.yaml --store $DATABASE_URL --wait': 'from a deploy',
  });
  return answering(command, session, (files: readonly string[], options: PushOptions) =>
    push(files, options, session.terminal),
  );
}

async function push(files: readonly string[], options: PushOptions, terminal: Terminal): Promise<Answer> {
  const { expectedVersion, dryRun = false, migrate } = options;
  const waitMs = waitMsOf(options);
  const said = {
    by: await authorOf(options.by, terminal),
    reason: options.reason ?? `halyard push ${files.join(' ')}`,
  };
  expectAddress(options, terminal);
  const work = async (store: FlagStore): Promise<Answer> => {
    if (store.update === undefined) throw readOnly(store);
    const sources = await Promise.all(files.map((file) => readSource(file, terminal, store.maxBytes)));
    const foreseen = dryRun ? await foresee(store, sources, options, terminal) : undefined;
    const pushed = await pushDocument(store, sources, { ...said, dryRun, ...(expectedVersion && { expectedVersion }) });
    const { version } = pushed;
    const isAwaited = waitMs !== undefined && version !== undefined && !dryRun;
    const fleet = isAwaited ? await awaitFleet(store, version, waitMs, terminal) : notAwaited;
    return {
      data: { ...pushed, ...foreseen, isDryRun: dryRun, ...said, ...fleet.data },
      text: (paper) => pushText(pushed, foreseen, store.name, paper),
      notes: [...notesOf(pushed), ...fleet.notes],
      exitCode: fleet.exitCode,
    };
  };
  return await usingStore(options, terminal, work, { migrate: migrate === true && !dryRun });
}

/** Files that are in no store can't be pushed to where they are. @throws CommandError */
function expectAddress({ store }: PushOptions, { env }: Terminal): void {
  if (store !== undefined || (env['HALYARD_STORE'] ?? '') !== '') return;
  throw new CommandError(EXIT.usage, 'push: say where to, with --store or HALYARD_STORE.');
}

/** As the person named it, for errors in it. */
async function readSource(
  file: string,
  { cwd, readInput }: Terminal,
  maxBytes: number = 10_000_000,
): Promise<SourceText> {
  if (file === '-') return { name: 'stdin', text: await readInput() };
  return { name: file, text: await readTextFile(resolve(cwd, file), maxBytes) };
}

/** `undefined` where the files have errors: the push says which. */
async function foresee(...given: Parameters<typeof foreseePush>): Promise<ForeseenPush | undefined> {
  try {
    return await foreseePush(...given);
  } catch (error) {
    if (error instanceof FlagDocumentError) return undefined;
    throw error;
  }
}

function pushText(pushed: PushResult, foreseen: ForeseenPush | undefined, name: string, paper: Paper): string {
  const { isChanged, version, added, changed, removed } = pushed;
  const { dim } = paper.colors;
  const at = version === undefined ? 'there is nothing yet' : `version ${version}`;
  if (!isChanged) return `${name} says the same already. ${dim(`(${at})`)}`;
  const flags = `${counted(added.length, 'flag')} added, ${changed.length} changed, ${removed.length} removed`;
  return [
    foreseen === undefined
      ? `Written to ${name}: ${flags}.`
      : `A dry run: nothing is written to ${name}. It would be: ${flags}.`,
    foreseen === undefined ? writtenText(pushed, paper) : diffText(foreseen.changes, foreseen.moves, paper),
    dim(at),
  ].join('\n');
}

/** Flags that come and go are named; what is in them is in the files. */
function writtenText({ difference, added, removed }: PushResult, paper: Paper): string {
  const { green, red } = paper.colors;
  const whole = new Set([...added, ...removed].map((key) => `flags.${key}`));
  const inside = difference.filter(({ path }) => !whole.has(path));
  return [
    ...added.map((key) => green(`+ ${key}`)),
    ...removed.map((key) => red(`- ${key}`)),
    ...(inside.length === 0 ? [] : [differenceText(inside, paper)]),
  ].join('\n');
}

function notesOf({ warnings, keptState }: PushResult): readonly string[] {
  return [...warnings.map(formatProblem), ...keptState.map((path) => `${path} stays, though its flag goes.`)];
}
