import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { type AuditHead, isAuditHead } from '../../stores/postgres/audit-chain.js';
import type { AuditReport, PostgresStore } from '../../stores/postgres/postgres-store.js';
import type { FlagStore } from '../../stores/flag-store.js';
import { type StoreOptions, usingStore, withStoreOption } from '../addresses/store-option.js';
import type { Answer } from '../answer.js';
import { CommandError } from '../command-error.js';
import { withExamples } from '../examples.js';
import { EXIT } from '../exit-code.js';
import { answering, type Session } from '../session.js';
import type { Paper, Terminal } from '../terminal.js';

interface VerifyOptions extends StoreOptions {
  readonly head?: string;
}

export function auditCommand(session: Session): Command {
  const command = new Command('audit').summary('check that the history was not altered');
  command.addCommand(verifyCommand(session));
  return withExamples(command, { 'halyard audit verify --store $DATABASE_URL': 'from the first entry to the last' });
}

function verifyCommand(session: Session): Command {
  const command = new Command('verify')
    .summary('walk the audit trail from its first entry to its last')
    .description(
      'Walks the audit trail of a PostgreSQL store from its first entry to its last, and names the first that was altered or is missing; then it exits with 1. With the key in HALYARD_AUDIT_KEY it checks the seals, too.',
    )
    .option('--head <file>', 'the answer of an earlier `audit verify --json`, which the trail must still contain');
  withStoreOption(command);
  withExamples(command, {
    'halyard audit verify --store $DATABASE_URL --json > head.json': 'keep the head elsewhere',
    'halyard audit verify --store $DATABASE_URL --head head.json': 'and later: does it go on from there?',
  });
  return answering(command, session, (options: VerifyOptions) =>
    usingStore(options, session.terminal, async (store) => {
      const trail = expectTrail(store);
      const head = options.head === undefined ? undefined : readHead(options.head, session.terminal);
      const isSealChecked = (session.terminal.env['HALYARD_AUDIT_KEY'] ?? '') !== '';
      return answerWith(await trail.verifyAudit({ head }), store.name, isSealChecked);
    }),
  );
}

/** @throws CommandError */
function expectTrail(store: FlagStore): Pick<PostgresStore, 'verifyAudit'> {
  if ('verifyAudit' in store) return store as PostgresStore;
  throw new CommandError(
    EXIT.usage,
    `${store.name} keeps its history without a chain, so nobody can tell whether it was altered. PostgreSQL keeps one that can be verified.`,
  );
}

function answerWith(report: AuditReport, name: string, isSealChecked: boolean): Answer {
  const { isIntact, fault, head, sealedUpTo } = report;
  return {
    data: { ...report, head: head ?? null, fault: fault ?? null },
    text: ({ colors: { dim, green, red } }: Paper) =>
      [
        isIntact
          ? green(`The audit trail of ${name} is intact.`)
          : red(fault?.message ?? `The audit trail of ${name} is not intact.`),
        head === undefined
          ? dim('It has no right entry.')
          : `The last entry that is right: ${head.sequence}, ${head.digest}`,
        ...(isSealChecked ? [sealedUpTo === 0 ? 'No entry is sealed.' : `Sealed up to entry ${sealedUpTo}.`] : []),
      ].join('\n'),
    notes: isSealChecked ? [] : ['Seals were not checked: the key goes into HALYARD_AUDIT_KEY.'],
    ...(!isIntact && { exitCode: EXIT.problems }),
  };
}

/** @throws CommandError */
function readHead(file: string, { cwd }: Terminal): AuditHead {
  const answer = readJson(resolve(cwd, file), file);
  const head = (answer as { readonly head?: unknown } | null)?.head ?? answer;
  if (isAuditHead(head)) return { sequence: head.sequence, digest: head.digest };
  throw new CommandError(
    EXIT.usage,
    `--head: ${file}: expected the answer of \`halyard audit verify --json\`, or { "sequence": 12, "digest": "…" }.`,
  );
}

/** @throws CommandError */
function readJson(path: string, file: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new CommandError(EXIT.usage, `--head: ${file} can't be read as JSON.`, { cause });
  }
}
