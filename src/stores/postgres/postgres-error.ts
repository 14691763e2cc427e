/** PostgreSQL could not be asked, refused, or did not answer in time. Holds no secret. */
export class PostgresStoreError extends Error {
  override readonly name = 'PostgresStoreError';
  /** PostgreSQL's SQLSTATE, such as `42501`, or the system's code, such as `ECONNREFUSED`, if there is one. */
  readonly code: string | undefined;

  constructor(message: string, options: ErrorOptions & { readonly code?: string | undefined } = {}) {
    super(message, options);
    this.code = options.code;
  }
}

/** What failed, and what to do about it. */
export function postgresError(name: string, error: unknown): PostgresStoreError {
  if (error instanceof PostgresStoreError) return error;
  const cause = plainCause(error);
  const code = codeOf(error);
  const hint = hints.get(code ?? '');
  return new PostgresStoreError(`${name}: ${cause.message}.${hint === undefined ? '' : ` ${hint}`}`, { cause, code });
}

/** What others did at the same moment stood in the way: done again, it may work. */
export const isWorthAnotherTry = (error: unknown): boolean =>
  error instanceof PostgresStoreError && ['40001', '40P01', '23505'].includes(error.code ?? '');

/** The schema, or a part of it, is gone. */
export const isSchemaMissing = (error: unknown): boolean =>
  error instanceof PostgresStoreError && ['3F000', '42P01', '42883'].includes(error.code ?? '');

/**
 * The server has answered that a statement failed; otherwise nobody knows what it has done. Codes from 08 and 57P tell
 * that the connection ends, and those from E are the system's.
 */
export const isRefusal = (error: unknown): boolean =>
  error instanceof PostgresStoreError && /^(?!08|57P|E)[0-9A-Z]{5}$/.test(error.code ?? '');

const unreachable = 'Is PostgreSQL running, and are host and port of the pool right?';
const access = "Check the pool's user and password, and pg_hba.conf.";
const schemaGone =
  "Has the schema been removed? The next attempt makes it again; with `migrate: false`, run `postgresMigrations()`'s SQL.";

const hints: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', unreachable],
  ['ENOTFOUND', unreachable],
  ['EHOSTUNREACH', unreachable],
  ['ETIMEDOUT', unreachable],
  ['28000', access],
  ['28P01', access],
  ['3D000', "Create the database, or correct the pool's `database`."],
  ['3F000', schemaGone],
  ['42P01', schemaGone],
  ['42501', 'The role of this pool lacks a right: docs/postgres.md lists what each role needs.'],
  ['25006', 'This is a replica, or read-only: writers need a pool on the primary.'],
  ['53300', "Raise the server's `max_connections`, or lower the pools' `max`."],
  ['55P03', 'Another transaction keeps these flags locked. Was a change by hand left open, without COMMIT?'],
  ['57014', 'It took longer than `timeoutMs` allows.'],
]);

/** What the driver threw, without what hangs on it: a row that was refused, or parts of the statement. */
function plainCause(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const plain = new Error(messageOf(error).replace(/\.$/, ''));
  plain.name = error.name;
  if (error.stack !== undefined) plain.stack = error.stack;
  return plain;
}

/** Where a host has several addresses, Node.js throws all their errors in one without a message. */
function messageOf(error: Error): string {
  if (error.message !== '') return error.message;
  const errors: readonly unknown[] = error instanceof AggregateError ? error.errors : [];
  return errors.map((one) => (one instanceof Error ? one.message : String(one))).join(', ') || error.name;
}

function codeOf(error: unknown): string | undefined {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
