import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { Command } from 'commander';
import type { Answer } from '../answer.js';
import { CommandError } from '../command-error.js';
import { withExamples } from '../examples.js';
import { EXIT } from '../exit-code.js';
import { codeFor } from '../init/code-for.js';
import { firstFlags } from '../init/first-flags.js';
import { installLine } from '../init/install-line.js';
import { findProject, type Framework } from '../init/project.js';
import { answering, type Session } from '../session.js';
import type { Terminal } from '../terminal.js';

interface InitOptions {
  readonly force?: boolean;
}

export function initCommand(session: Session): Command {
  const command = new Command('init')
    .summary('a first flags.yaml, and the code that reads it')
    .description(
      'Writes a first flag document with comments, and prints what to add to the project in this folder: Express, Koa, NestJS or none of them.',
    )
    .argument('[file]', 'the document', 'flags.yaml')
    .option('--force', 'write over a file that is there');
  withExamples(command, {
    'halyard init': 'flags.yaml in this folder',
    'halyard init config/flags.yaml': 'somewhere else',
  });
  return answering(command, session, (file: string, options: InitOptions) =>
    Promise.resolve(init(file, options, session.terminal)),
  );
}

function init(file: string, { force = false }: InitOptions, { cwd, now }: Terminal): Answer {
  if (!/\.ya?ml$/.test(file)) {
    throw new CommandError(EXIT.usage, `init writes YAML: expected a name such as flags.yaml, found ${file}.`);
  }
  const path = resolve(cwd, file);
  const schema = relative(dirname(path), join(cwd, 'node_modules/halyard/dist/schema.json')).replaceAll('\\', '/');
  write(path, file, firstFlags(schema, now()), force);
  const project = findProject(cwd);
  const install = installLine(project);
  const code = codeFor(project, file.replaceAll('\\', '/'));
  return {
    data: { file, framework: project.framework ?? null, install: install ?? null, code },
    text: ({ colors: { bold, green } }) =>
      [
        `${green('Wrote')} ${bold(file)}: a flag that is rolled out, one for some, and a kill switch.`,
        ...(install === undefined ? [] : [`Install what reads it:\n\n    ${install}`]),
        `Then, for ${names[project.framework ?? 'none']}, in ${bold(code.file)}:\n\n${code.text}`,
        'See what it does:\n\n    npx halyard check\n    npx halyard explain new-checkout --unit user-2',
      ].join('\n\n'),
  };
}

const names: Readonly<Record<Framework | 'none', string>> = {
  nestjs: 'NestJS',
  express: 'Express',
  koa: 'Koa',
  none: 'any Node.js program',
};

function write(path: string, file: string, text: string, force: boolean): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { flag: force ? 'w' : 'wx' });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new CommandError(EXIT.usage, `${file} is there already. To write over it: --force`);
    throw new CommandError(EXIT.store, `${file} can't be written: ${message}`, { cause });
  }
}
