import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { readFlagDocumentText } from '../flags/flag-document-text.js';
import { type ParsedFlagDocument, parseFlagDocument } from '../flags/parse-flag-document.js';
import { showError } from '../flags/show-value.js';

/** What flag files said when they were last read. */
interface ReadFiles {
  readonly fingerprint: string;
  readonly parsed: ParsedFlagDocument;
}

/** Reads flag files for one run of ESLint, which asks for them with each file that it lints: once for each of their versions. */
export class FlagFiles {
  readonly #read = new Map<string, ReadFiles>();

  /**
   * What the files say together. A document with errors says what can be understood of it: to report those is `halyard
   * check`'s business.
   *
   * @param cwd the folder that relative paths start from
   * @throws Error if a file can't be read
   */
  read(names: readonly string[], cwd: string): ParsedFlagDocument {
    const paths = names.map((name) => resolve(cwd, name));
    const id = paths.join('\n');
    try {
      const fingerprint = paths.map(fingerprintOf).join('\n');
      const known = this.#read.get(id);
      if (known?.fingerprint === fingerprint) return known.parsed;
      const parsed = parse(paths);
      this.#read.set(id, { fingerprint, parsed });
      return parsed;
    } catch (cause) {
      throw new Error(
        `settings.halyard.flags: the flags can't be read: ${showError(cause)}. Say where they are: settings: { halyard: { flags: 'path/to/flags.yaml' } }`,
        { cause },
      );
    }
  }
}

/** An editor keeps ESLint running while the flags are edited. */
function fingerprintOf(path: string): string {
  const { mtimeMs, size, ino } = statSync(path);
  return `${mtimeMs} ${size} ${ino}`;
}

function parse(paths: readonly string[]): ParsedFlagDocument {
  const text = readFlagDocumentText(paths.map((name) => ({ name, text: readFileSync(name, 'utf8') })));
  return parseFlagDocument(text.document, { textProblems: text.problems });
}
