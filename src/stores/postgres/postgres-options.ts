import { checkOptions, isBoolean, isDuration, isFunction, isPositive, isText } from '../../options/check-options.js';
import { secretCheck } from '../../options/secret-check.js';
import type { AuditHead } from './audit-chain.js';
import type { ListenOption } from './push.js';
import { environmentNameRule, isEnvironmentName, isSchemaName, schemaNameRule } from './schema.js';

export interface PostgresStoreOptions {
  /** The schema of all tables; small letters, digits and `_`. Default: `halyard`. */
  readonly schema?: string | undefined;
  /** Which of several documents in this schema; letters, digits and `._-/`. Default: `default`. */
  readonly environment?: string | undefined;
  /**
   * How the connection is made that is told of changes: a connection string, for a way past a pooler, or a function that
   * gives a `Client` of `pg` that isn't connected yet. `false`: there is none, and changes are found by asking. Default:
   * as the pool makes its own. PGlite needs none.
   */
  readonly listen?: ListenOption | undefined;
  /** How often PostgreSQL is asked whether something has changed, under what it tells by itself, in milliseconds. Default: 1,000. */
  readonly pollMs?: number | undefined;
  /** How long an answer may take, and the wait for a connection of the pool, in milliseconds. Default: 4,000. */
  readonly timeoutMs?: number | undefined;
  /** Makes the schema, and brings an older one up to date. `false` is for roles that may not. Default: true. */
  readonly migrate?: boolean | undefined;
  /**
   * What the audit trail is sealed with, at least 32 characters, kept out of the database. Of several, the first seals and
   * all are known: to rotate, put the new one first, and keep the old ones. Default: it is not sealed.
   */
  readonly auditKey?: string | readonly string[] | undefined;
  /** Is told the newest entry of the audit trail whenever it is another, to be kept where nobody can alter both. */
  readonly onAuditHead?: ((head: AuditHead) => void) | undefined;
  /** Is told what works less well than it could, such as a pooler that keeps notifications. Default: `process.emitWarning`. */
  readonly onWarning?: ((message: string) => void) | undefined;
  /** How large the document may be, in bytes. Default: 10 MB. */
  readonly maxBytes?: number | undefined;
}

const milliseconds = { allowed: 'a number of milliseconds above 0, of at most 24 days', isRight: isDuration };

const callback = { allowed: 'a function', isRight: isFunction };

/** @throws TypeError for an option that is unknown or wrong. */
export function checkPostgresOptions(options: PostgresStoreOptions): void {
  checkOptions('postgresStore', options, {
    schema: { allowed: schemaNameRule, isRight: isSchemaName },
    environment: { allowed: environmentNameRule, isRight: isEnvironmentName },
    listen: {
      allowed: 'a connection string, a function that makes a Client of pg, or false',
      isRight: (value) => value === false || isText(value) || isFunction(value),
      // It may hold a password.
      isSecret: true,
    },
    pollMs: milliseconds,
    timeoutMs: milliseconds,
    migrate: { allowed: 'true or false', isRight: isBoolean },
    auditKey: secretCheck,
    onAuditHead: callback,
    onWarning: callback,
    maxBytes: { allowed: 'a number of bytes above 0', isRight: isPositive },
  });
}
