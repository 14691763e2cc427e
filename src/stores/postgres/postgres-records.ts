import { setTimeout as wait } from 'node:timers/promises';
import { emptyFlagState } from '../../flags/flag-state.js';
import type { Change, ChangeOptions } from '../flag-store.js';
import type { AuditHead, AuditReport, AuditSeals } from './audit-chain.js';
import { appendEntry, readHistory, sealEntry, verifyTrail } from './audit-trail.js';
import type { Planned } from './change-plan.js';
import type { Database, Query } from './database.js';
import { prepareSchema } from './migrations.js';
import { isSchemaMissing, isWorthAnotherTry } from './postgres-error.js';
import { holdLease } from './postgres-leases.js';
import type { Place } from './schema.js';
import { readSnapshot, type Snapshot } from './snapshot.js';
import { nothingStored } from './stored-document.js';
import { awaitTurn, beginChange, contentOf, isSameContent, writeContent } from './write-change.js';

/** How often a change is made again because others stood in the way. */
const maxAttempts = 10;

export interface RecordsOptions {
  /** The store's name, for errors. */
  readonly name: string;
  readonly place: Place;
  readonly migrate: boolean;
  readonly seals: AuditSeals;
  /** Is told the newest entry of the audit trail, whenever it is another. */
  readonly onAuditHead: (head: AuditHead) => void;
}

/**
 * Reads and writes what a store keeps in PostgreSQL, each of one moment.
 *
 * Every method rejects with `PostgresStoreError` if PostgreSQL can't be asked, refuses, or doesn't answer in time.
 */
export class PostgresRecords {
  readonly #database: Database;
  readonly #options: RecordsOptions;
  #preparing: Promise<void> | undefined;
  /** What was read or written last: of the next, only the difference is sent. */
  #known: Snapshot | undefined;
  #toldHead: string | undefined;
  #sealedHead: string | undefined;

  constructor(database: Database, options: RecordsOptions) {
    this.#database = database;
    this.#options = options;
  }

  readonly query: Query = (sql, parameters, limitMs) => this.#prepared((query) => query(sql, parameters, limitMs));

  /** The version alone; `''`: there is nothing yet. */
  ask(): Promise<string> {
    const { schema, environment } = this.#options.place;
    return this.#prepared(async (query) => {
      const [row] = await query(
        `SELECT lineage || ':' || counter AS version FROM "${schema}".environments WHERE name = $1`,
        [environment],
      );
      return row?.['version'] ?? '';
    });
  }

  /** `undefined`: there is nothing yet. */
  read(): Promise<Snapshot | undefined> {
    return this.#prepared(async (query) => {
      const snapshot = await readSnapshot(query, this.#options.place, this.#known);
      this.#keep(snapshot);
      await this.#sealHandwork(snapshot?.head);
      return snapshot;
    });
  }

  /**
   * Changes what is there. Nobody else does meanwhile.
   *
   * @param plan says what it is to be; what it throws rejects, and then nothing is written.
   */
  async change(plan: (before: Snapshot | undefined) => Planned, options: ChangeOptions): Promise<Snapshot | undefined> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const changed = await this.#prepared(() =>
          this.#database.transaction((query) => this.#changeLocked(query, plan, options)),
        );
        this.#keep(changed);
        return changed;
      } catch (error) {
        if (!isWorthAnotherTry(error) || attempt >= maxAttempts) throw error;
        await wait(Math.random() * 50);
      }
    }
  }

  history(limit: number): Promise<readonly Change[]> {
    return this.#prepared((query) => readHistory(query, this.#options.place, limit));
  }

  verify(head: AuditHead | undefined): Promise<AuditReport> {
    const { place, seals } = this.#options;
    return this.#prepared((query) => verifyTrail(query, place, { seals, head }));
  }

  async #changeLocked(
    query: Query,
    plan: (before: Snapshot | undefined) => Planned,
    options: ChangeOptions,
  ): Promise<Snapshot | undefined> {
    const { place, seals } = this.#options;
    await awaitTurn(query, place);
    if (options.lease !== undefined) await holdLease(query, place, options.lease);
    const before = await readSnapshot(query, place, this.#known);
    const { stored, state, difference } = plan(before);
    const content = contentOf(before ?? { stored: nothingStored, state: emptyFlagState });
    const next = contentOf({ stored, state });
    const { evidence = [] } = options;
    if (isSameContent(content, next) && evidence.length === 0) return before;
    const version = await beginChange(query, place, before === undefined);
    await writeContent(query, place, content, next);
    const head = await appendEntry(query, place, options, [...difference, ...evidence], seals);
    return { ...version, stored, state, head: { ...head, isUnsealedHandwork: false } };
  }

  #keep(snapshot: Snapshot | undefined): void {
    this.#known = snapshot;
    const head = snapshot?.head;
    if (head === undefined || head.digest === this.#toldHead) return;
    this.#toldHead = head.digest;
    this.#options.onAuditHead({ sequence: head.sequence, digest: head.digest });
  }

  /** A trigger has no key: whoever has one seals what it wrote. */
  async #sealHandwork(head: Snapshot['head']): Promise<void> {
    const { place, seals } = this.#options;
    if (!seals.areUsed || head?.isUnsealedHandwork !== true || head.digest === this.#sealedHead) return;
    // Once: who may only read never can.
    this.#sealedHead = head.digest;
    await sealEntry(this.#database.query, place, head, seals).catch(() => undefined);
  }

  /** Makes sure of the schema first; again, if it has gone since. */
  async #prepared<Result>(work: (query: Query) => Promise<Result>): Promise<Result> {
    const preparing = (this.#preparing ??= prepareSchema(this.#database, {
      ...this.#options,
      schema: this.#options.place.schema,
    }).catch((error: unknown) => {
      this.#preparing = undefined;
      throw error;
    }));
    await preparing;
    try {
      return await work(this.#database.query);
    } catch (error) {
      if (isSchemaMissing(error)) this.#preparing = undefined;
      throw error;
    }
  }
}
