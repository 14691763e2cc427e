import type { FlagDocument } from '../flags/flag-document.js';
import { locateProblems, readFlagDocumentText, type SourceText } from '../flags/flag-document-text.js';
import { type ParsedFlagDocument, parseFlagDocumentInSteps } from '../flags/parse-flag-document.js';
import type { Problem } from '../flags/problem.js';
import type { StoredFlags } from '../stores/flag-store.js';
import type { Logger } from './logger.js';
import { readInThread } from './parser-thread.js';
import { runInSlices } from '../flags/run-steps.js';

/** From this many characters on, a text is read in a thread of its own: below, starting one takes longer than reading. */
const LARGE_TEXT = 64 * 1024;

interface ReadDocument {
  readonly document: unknown;
  readonly parsed: ParsedFlagDocument;
}

/**
 * Reads and parses documents, one after another, without holding up the process. Remembers the latest, so that only
 * flags that changed are parsed anew.
 */
export class DocumentReader {
  #previous: ReadDocument | undefined;
  readonly #logger: Logger;
  readonly #maxBytes: number | undefined;

  /** @param maxBytes how large a text may be; default: 10 MB */
  constructor(logger: Logger, maxBytes: number | undefined) {
    this.#logger = logger;
    this.#maxBytes = maxBytes;
  }

  /** Problems carry their places in the text. Doesn't remember the document; see {@link accept}. */
  async read({ document, parsed }: Pick<StoredFlags, 'document' | 'parsed'>): Promise<ReadDocument> {
    if (parsed !== undefined) return { document, parsed };
    if (!isText(document)) return this.#parse(document, []);
    const isLarge = document.reduce((length, source) => length + source.text.length, 0) >= LARGE_TEXT;
    return isLarge ? await this.#readLarge(document) : await this.#readSmall(document);
  }

  /** The document serves from now on: the next is compared with it. */
  accept(read: ReadDocument): void {
    this.#previous = read;
  }

  async #readSmall(sources: readonly SourceText[]): Promise<ReadDocument> {
    const text = readFlagDocumentText(sources, { maxBytes: this.#maxBytes });
    const { document, parsed } = await this.#parse(text.document, text.problems);
    return { document, parsed: { ...parsed, problems: locateProblems(parsed.problems, text) } };
  }

  async #readLarge(sources: readonly SourceText[]): Promise<ReadDocument> {
    let text;
    try {
      text = await readInThread(sources, this.#maxBytes);
    } catch (error) {
      // A bundled application may have left the thread's file behind.
      this.#logger.warn(
        { err: error },
        `A large flag document is read without a thread, which may stall requests: ${String(error)}`,
      );
      return await this.#readSmall(sources);
    }
    try {
      const { document, parsed } = await this.#parse(text.document, text.problems);
      const problems = parsed.problems.length === 0 ? parsed.problems : await text.locate(parsed.problems);
      return { document, parsed: { ...parsed, problems } };
    } finally {
      await text.close();
    }
  }

  async #parse(document: unknown, textProblems: readonly Problem[]): Promise<ReadDocument> {
    const steps = parseFlagDocumentInSteps(document, { previous: this.#previous, textProblems });
    return { document, parsed: await runInSlices(steps) };
  }
}

function isText(document: readonly SourceText[] | FlagDocument): document is readonly SourceText[] {
  return Array.isArray(document);
}
