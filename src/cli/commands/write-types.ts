import { Command } from 'commander';
import { structuredPatch } from 'diff';
import type { Answer } from '../answer.js';
import { type StoreOptions, usingStore, withStoreOption } from '../addresses/store-option.js';
import { withExamples } from '../examples.js';
import { EXIT } from '../exit-code.js';
import { counted } from '../output/counted.js';
import { readFlags } from '../served-flags.js';
import { answering, type Session } from '../session.js';
import { colorDiff } from '../stale/removal-diff.js';
import type { Paper } from '../terminal.js';
import { expiredFlags, flagTypings, type TypedFlags } from '../types/flag-typings.js';
import { openTypingsFile, type TypingsFile, writeTypingsFile } from '../types/typings-file.js';

interface TypesOptions extends StoreOptions {
  readonly out?: string;
  readonly check?: boolean;
  readonly openfeature: boolean;
}

export function typesCommand(session: Session): Command {
  const command = new Command('types')
    .summary('tell TypeScript the keys and values of the flags')
    .description(
      'Writes a file that tells TypeScript the keys and values of the flags: an unknown key no longer compiles, and a flag past its end is deprecated.',
    )
    .option('-o, --out <file>', 'where to; - prints it. Default: src/flags.d.ts, or flags.d.ts if there is no src')
    .option('--check', 'write nothing; exit with 1 if the file is out of date')
    .option('--no-openfeature', "leave the keys of OpenFeature's clients as they are: any text");
  withStoreOption(command);
  withExamples(command, {
    'halyard types': 'write src/flags.d.ts',
    'halyard types --check': 'in CI: is it what the flags say?',
    'halyard types --out - --store redis://localhost': 'look at what it would write',
  });
  return answering(command, session, async (options: TypesOptions) => {
    const { now, cwd } = session.terminal;
    const { served } = await usingStore(options, session.terminal, (store) => readFlags(store, now));
    const { flags, refused } = served.parsed;
    const made = makeTypings({ flags, refused, isForOpenFeature: options.openfeature }, now());
    if (options.out === '-') return { data: summary(made), text: () => made.text.trimEnd() };
    const file = await openTypingsFile(options.out, cwd);
    return options.check === true ? compare(file, made) : write(file, made);
  });
}

/** Typings that were made, and what they were made of. */
interface Made {
  readonly typed: TypedFlags;
  readonly text: string;
  readonly expired: readonly string[];
  /** What would have been made of the same flags before one or the other expired. */
  readonly earlier: readonly string[];
}

function makeTypings(typed: TypedFlags, now: number): Made {
  const expired = expiredFlags(typed, now);
  return {
    typed,
    text: flagTypings(typed, now),
    expired: expired.map(({ key }) => key),
    earlier: expired.map(({ at }) => flagTypings(typed, at - 1)),
  };
}

async function write(file: TypingsFile, made: Made): Promise<Answer> {
  const isChanged = file.text !== made.text;
  if (isChanged) await writeTypingsFile(file, made.text);
  const { flags, expired } = summary(made);
  const ended = expired.length === 0 ? '' : `, ${expired.length} of them past their end`;
  return {
    data: { file: file.name, isChanged, ...summary(made) },
    text: () => `${file.name} ${isChanged ? 'is written' : 'is up to date'}: ${counted(flags, 'flag')}${ended}.`,
  };
}

function compare(file: TypingsFile, made: Made): Answer {
  const data = { file: file.name, ...summary(made) };
  if (file.text === made.text) {
    return { data: { ...data, isCurrent: true }, text: () => `${file.name} is up to date.` };
  }
  // A build must not fail because a night has passed.
  if (file.text !== undefined && made.earlier.includes(file.text)) {
    const note = 'Flags have expired since it was written; `halyard types` marks them as deprecated.';
    return { data: { ...data, isCurrent: true }, text: () => `${file.name} is up to date.`, notes: [note] };
  }
  const { text = '' } = file;
  const what = file.text === undefined ? 'is missing' : 'is out of date';
  return {
    data: { ...data, isCurrent: false },
    text: (paper) => (file.text === undefined ? '' : difference(text, made.text, paper)),
    notes: [`${file.name} ${what}. Write it: halyard types`],
    exitCode: EXIT.problems,
  };
}

/** What changes, with three lines around it. */
function difference(before: string, after: string, { colors }: Paper): string {
  const { hunks } = structuredPatch('', '', before, after, undefined, undefined, { context: 3 });
  const lines = hunks.flatMap((hunk) => [
    `@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`,
    ...hunk.lines,
  ]);
  return colorDiff(lines.join('\n'), colors);
}

function summary({ typed, expired }: Made): { readonly flags: number; readonly expired: readonly string[] } {
  return { flags: typed.flags.size + typed.refused.size, expired };
}
