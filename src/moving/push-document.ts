import type { Problem } from '../flags/problem.js';
import { checkOptions, isBoolean, isText, type OptionChecks } from '../options/check-options.js';
import {
  type ChangeOptions,
  type FlagStore,
  type SourceText,
  type StoredFlags,
  VersionConflictError,
} from '../stores/flag-store.js';
import { textsOf } from '../stores/stored-document.js';
import { lostComments } from './lost-comments.js';
import { effectOf, type PushEffect } from './push-effect.js';
import { type PushWay, wayInto } from './push-way.js';
import { type PushSource, readSources } from './read-sources.js';

export type { PushSource };

export interface PushOptions extends Omit<ChangeOptions, 'lease' | 'evidence'> {
  /** Tells what the push would do, and writes nothing. Default: false. */
  readonly dryRun?: boolean;
}

/** What a push did, or, as a dry run, what it would do. */
export interface PushResult extends PushEffect {
  /** Whether the store holds something else now; after a dry run, whether it would. */
  readonly isChanged: boolean;
  /** The version that the store has now. `undefined`: a dry run found nothing in the store. */
  readonly version: string | undefined;
  /** What looks wrong in the documents, and which comments the store does not take over. */
  readonly warnings: readonly Problem[];
}

/**
 * Replaces a store's document, and leaves its state: kills stay. A store that keeps texts takes one file to the letter;
 * several are merged, later wins, into one text that keeps the first one's comments as far as it can. Any other store
 * that can be written takes what they say. Without `expectedVersion`, a push comes after whoever writes at the same time.
 *
 * @param files the path of a YAML or JSON file, or several in the order in which they are merged, or texts.
 * @throws FlagDocumentError with every error of the documents and its place, FileAccessError if a file can't be read,
 * VersionConflictError if another version was expected; nothing is written then. TypeError for what can't be meant, and
 * for a store that can only be read.
 */
export async function pushDocument(
  store: FlagStore,
  files: PushSource | readonly PushSource[],
  options: PushOptions,
): Promise<PushResult> {
  checkPush(options);
  const { maxBytes = 10_000_000 } = store;
  const pushed = await readSources(files, maxBytes);
  const way = wayInto(store, pushed, maxBytes);
  for (let attempt = 1; ; attempt += 1) {
    const before = await loadBefore(store, way, options);
    const effect = effectOf(before, pushed.document);
    const after = way.textsAfter(before);
    const isChanged = effect.difference.length > 0 || isOther(before, after);
    const warningsFor = (texts: readonly SourceText[]): readonly Problem[] => [
      ...pushed.warnings,
      ...lostComments(pushed.sources, texts),
    ];
    if (options.dryRun === true || !isChanged) {
      return { ...effect, isChanged, version: before?.version, warnings: warningsFor(after) };
    }
    const stored = await write(way, before, options, attempt);
    if (stored === undefined) continue;
    return { ...effect, isChanged, version: stored.version, warnings: warningsFor(textsOf(stored)) };
  }
}

/** Whether the store would hold other texts, though they may say the same. */
function isOther(before: StoredFlags | undefined, after: readonly SourceText[]): boolean {
  const texts = before === undefined ? undefined : textsOf(before);
  return texts?.length !== after.length || after.some(({ text }, index) => text !== texts[index]?.text);
}

const required = { isRight: isText };

const checks: OptionChecks<PushOptions> = {
  by: { ...required, allowed: 'who makes the change' },
  reason: { ...required, allowed: 'why' },
  expectedVersion: { ...required, allowed: 'a version of the store' },
  dryRun: { allowed: 'true or false', isRight: isBoolean },
};

function checkPush(options: PushOptions): void {
  checkOptions('pushDocument', options, checks);
  for (const name of ['by', 'reason'] as const) {
    const given: unknown = options[name];
    if (given === undefined)
      throw new TypeError(`pushDocument: option \`${name}\` is missing: ${checks[name].allowed}.`);
  }
}

/** How often a push is planned again because somebody else wrote meanwhile. */
const maxAttempts = 20;

/**
 * What the push replaces; `undefined`: nothing yet.
 *
 * @throws VersionConflictError if it isn't at the version that is expected.
 */
async function loadBefore(
  store: FlagStore,
  way: PushWay,
  { expectedVersion }: PushOptions,
): Promise<StoredFlags | undefined> {
  try {
    const stored = await store.load();
    if (expectedVersion === undefined || expectedVersion === stored.version) return stored;
    throw new VersionConflictError(expectedVersion, stored);
  } catch (error) {
    if (expectedVersion === undefined && error instanceof Error && way.mends.includes(error.name)) return undefined;
    throw error;
  }
}

/** `undefined` if somebody else wrote meanwhile, and the push is to be planned again. */
async function write(
  way: PushWay,
  before: StoredFlags | undefined,
  { by, reason, expectedVersion }: PushOptions,
  attempt: number,
): Promise<StoredFlags | undefined> {
  try {
    return await way.write({ by, reason, ...(before && { expectedVersion: before.version }) });
  } catch (error) {
    const isConflict = error instanceof Error && error.name === 'VersionConflictError';
    if (!isConflict || expectedVersion !== undefined || attempt >= maxAttempts) throw error;
    return undefined;
  }
}
