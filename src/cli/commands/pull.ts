import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { showError } from '../../flags/show-value.js';
import { formatProblem } from '../../flags/problem.js';
import { pullDocument, type PulledDocument, type PullOptions as Format } from '../../moving/pull-document.js';
import { type StoreOptions, usingStore, withStoreOption } from '../addresses/store-option.js';
import type { Answer } from '../answer.js';
import { CommandError } from '../command-error.js';
import { withExamples } from '../examples.js';
import { EXIT } from '../exit-code.js';
import { answering, type Session } from '../session.js';
import type { Terminal } from '../terminal.js';

interface PullOptions extends StoreOptions, Format {
  readonly out?: string;
}

export function pullCommand(session: Session): Command {
  const command = new Command('pull')
    .summary('the document of a store as one file')
    .description(
      'The document of a store as one text, which `push` brings back without a change. Overlays become one. What operations did is no part of it.',
    )
    .option('-o, --out <file>', 'write it there, over what is there. Default: print it')
    .addOption(
      new Option('--format <format>', 'default: by the name of the file, else as the store keeps it').choices([
        'yaml',
        'json',
      ]),
    );
  withStoreOption(command);
  withExamples(command, {
    'halyard pull --store "redis://localhost?prefix=shop" --out flags.yaml': 'into a file',
    'halyard pull --store $OLD | halyard push - --store $NEW': 'from one store into another',
  });
  return answering(command, session, (options: PullOptions) => pull(options, session.terminal));
}

async function pull({ out, ...options }: PullOptions, terminal: Terminal): Promise<Answer> {
  const format = options.format ?? formatOf(out);
  return await usingStore(options, terminal, async (store) => {
    const pulled = await pullDocument(store, format === undefined ? {} : { format });
    if (out !== undefined) await write(resolve(terminal.cwd, out), pulled);
    const { text, version, warnings } = pulled;
    return {
      data: { text, format: pulled.format, version, warnings, ...(out !== undefined && { out }) },
      text: ({ colors: { dim } }) =>
        out === undefined
          ? text.replace(/\n$/, '')
          : `${out} says what ${store.name} holds. ${dim(`(version ${version})`)}`,
      notes: warnings.map(formatProblem),
    };
  });
}

function formatOf(out: string | undefined): Format['format'] {
  const extension = /\.(json|ya?ml)$/i.exec(out ?? '')?.[1]?.toLowerCase();
  return extension === undefined ? undefined : extension === 'json' ? 'json' : 'yaml';
}

async function write(path: string, { text }: PulledDocument): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (cause) {
    throw new CommandError(EXIT.store, `--out: ${path} can't be written: ${showError(cause)}`, { cause });
  }
}
