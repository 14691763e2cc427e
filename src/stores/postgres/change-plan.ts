import type { FlagDocument } from '../../flags/flag-document.js';
import { serializeFlagState } from '../../flags/flag-state-text.js';
import type { FlagState } from '../../flags/flag-state.js';
import { isKey, KEY_RULE } from '../../flags/names.js';
import type { ParsedFlagDocument } from '../../flags/parse-flag-document.js';
import { showName } from '../../flags/show-value.js';
import { differenceBetween } from '../difference.js';
import type { ChangeOptions, Difference } from '../flag-store.js';
import { parseValidDocument } from '../valid-document.js';
import { PostgresStoreError } from './postgres-error.js';
import { assembleDocument, disassembleDocument, type StoredDocument } from './stored-document.js';

/** What an environment holds before a change. */
export interface Before {
  readonly stored: StoredDocument;
  readonly state: FlagState;
}

/** What it is to hold. */
export interface Planned extends Before {
  readonly difference: readonly Difference[];
}

/** What a document is changed from where there is none. */
const emptyDocument: FlagDocument = Object.freeze({ version: 1, flags: Object.freeze({}) });

/** Plans changes. Remembers which document it has found right, so that only what is different is checked again. */
export class ChangePlanner {
  #valid: { readonly document: FlagDocument; readonly parsed: ParsedFlagDocument } | undefined;

  /**
   * @param change is given the document frozen
   * @throws FlagDocumentError if what it makes has errors.
   */
  planUpdate(
    before: Before,
    change: (document: FlagDocument) => FlagDocument,
    changeState: (state: FlagState) => FlagState = (same) => same,
  ): Planned {
    const document = before.stored.document ?? emptyDocument;
    const stored = this.#store(change(document), before.stored);
    const state = changeState(before.state);
    const difference = differenceBetween(
      { document, state: serializeFlagState(before.state) },
      { document: stored.document, state: serializeFlagState(state) },
    );
    return { stored, state, difference };
  }

  /** What is checked last is what readers will get: the document as JSON says it. */
  #store(document: FlagDocument, former: StoredDocument): StoredDocument {
    const parsed = parseValidDocument(document, this.#valid);
    const stored = assembleDocument(disassembleDocument(document, former.entries));
    const written = stored.document ?? emptyDocument;
    this.#valid = { document: written, parsed: parseValidDocument(written, { document, parsed }) };
    return stored;
  }
}

/**
 * Whether PostgreSQL can keep what is planned.
 *
 * @throws PostgresStoreError that says what can't be kept, and why.
 */
export function expectWritable(name: string, { state, difference }: Planned): void {
  for (const [part, lacks] of [
    ['kills', 'be killed'],
    ['rollouts', 'have a rollout'],
    ['trips', 'have a breaker'],
  ] as const) {
    const wrong = [...state[part].keys()].find((key) => !isKey(key));
    if (wrong === undefined) continue;
    throw new PostgresStoreError(`${name}: ${showName(wrong)} can't be a flag's key, and so not ${lacks}. ${KEY_RULE}`);
  }
  const unwritable = difference.find((one) => unwritableText.test(JSON.stringify(one)));
  if (unwritable !== undefined) throw unwritableIn(name, unwritable.path);
}

/** @throws PostgresStoreError if PostgreSQL can't keep who makes a change, or why. */
export function expectWritableReason(name: string, { by, reason }: ChangeOptions): void {
  for (const [option, text] of Object.entries({ by, reason })) {
    if (unwritableText.test(JSON.stringify(text))) throw unwritableIn(name, `\`${option}\``);
  }
}

/** What is wrong with the size of a document, in bytes; `undefined`: nothing. */
export function sizeProblem(name: string, { bytes }: StoredDocument, maxBytes: number): PostgresStoreError | undefined {
  if (bytes <= maxBytes) return undefined;
  return new PostgresStoreError(`${name}: the document has ${bytes} bytes, allowed are ${maxBytes} (maxBytes).`);
}

/** What PostgreSQL doesn't take, as JSON writes it: U+0000, and half of a pair of surrogates. Not a backslash before `u0000`. */
const unwritableText = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/;

const unwritableIn = (name: string, where: string): PostgresStoreError =>
  new PostgresStoreError(
    `${name}: ${where} contains the character U+0000, or half a character (a lone surrogate), which PostgreSQL can't keep in a text.`,
  );
