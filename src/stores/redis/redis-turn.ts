import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { RedisRecords } from './redis-records.js';
import { counterOf } from './redis-version.js';

/** How long a writer holds back for others, at most, in milliseconds. Turns end by themselves well before. */
const longestHoldMs = 30_000;

/** How long a writer waits before it asks again, at most, in milliseconds. */
const longestPauseMs = 50;

/**
 * A change's place among those that want to write at the same time. Whoever lost a conflict gets in line by the version
 * that he first started from, and everybody else holds back until he is done: a slow writer is not beaten for ever by fast
 * ones.
 *
 * It is a courtesy. The version alone decides what is right, so a turn that is lost, ignored or forbidden costs time only.
 */
export class RedisTurn {
  readonly #records: RedisRecords;
  /** Lower goes first. Not there: nothing is lost yet. */
  #place: string | undefined;

  constructor(records: RedisRecords) {
    this.#records = records;
  }

  /**
   * Resolves when nobody goes first.
   *
   * @param isOver asked after every wait: nobody needs the turn any more
   */
  async come(isOver: () => boolean): Promise<void> {
    const end = performance.now() + longestHoldMs;
    for (let asked = 0; !isOver() && performance.now() < end; asked += 1) {
      if (await this.#records.takeTurn(this.#place)) return;
      await wait(Math.random() * Math.min(2 ** asked, longestPauseMs));
    }
  }

  /** Somebody else was faster. @param version what the change started from */
  lose(version: string | undefined): void {
    const counter = counterOf(version ?? '') ?? 0;
    this.#place ??= `${String(counter).padStart(16, '0')}:${randomUUID()}`;
  }

  /** Lets the others go on. Never rejects. */
  async end(): Promise<void> {
    // Where this fails, the turn ends by itself.
    if (this.#place !== undefined) await this.#records.endTurn(this.#place).catch(() => undefined);
  }
}
