import { isUtf8 } from 'node:buffer';
import { parseFlagTimes, serializeFlagTimes } from '../flag-times.js';
import {
  type FleetInstance,
  type FleetRegister,
  type FlagTimes,
  type InstanceReport,
  MOST_USED,
  NoFleetListError,
} from '../fleet-register.js';
import { numberOf, parseInstanceReport } from '../instance-report.js';
import { answerError } from './answer-error.js';
import type { Answered, HttpConnection, Question } from './http-connection.js';
import { HttpStoreError } from './http-store-error.js';

/** Below the address of the flags. */
const PATH = '/fleet';
const USAGE_PATH = '/fleet/usage';

/** How long a serving side that keeps no list is left alone with reports, in milliseconds: another release may keep one. */
const LEAVE_ALONE_MS = 60_000;

/**
 * The instances that the serving side lists. It writes them where its own store keeps them, so that those behind a relay
 * are seen by whoever asks that store.
 *
 * Every method rejects with {@link HttpStoreError} if the serving side can't be asked, and with {@link NoFleetListError} if
 * it keeps no list: it is older than this, or was told so.
 */
export class HttpFleet implements FleetRegister {
  readonly #connection: HttpConnection;
  /** Until when nothing is sent there, by path, on the clock of `performance`. */
  readonly #leaveAloneUntil = new Map<string, number>();

  constructor(connection: HttpConnection) {
    this.#connection = connection;
  }

  async report(instance: InstanceReport, ttlMs: number): Promise<void> {
    this.#expectList(PATH);
    await this.#ask(PATH, { method: 'POST', body: JSON.stringify({ ...instance, ttlMs }), isBackground: true });
  }

  async remove(id: string): Promise<void> {
    if (this.#isLeftAlone(PATH)) return;
    // A process that has nothing else to do waits for this: it is short, and `close` ends it.
    await this.#ask(PATH, { method: 'DELETE', query: `?id=${encodeURIComponent(id)}`, isBackground: false });
  }

  async list(): Promise<readonly FleetInstance[]> {
    const { body } = await this.#ask(PATH, { method: 'GET', isBackground: false });
    return this.#read('lists its fleet', () => readInstances(body));
  }

  async noteUsage(lastEvaluated: FlagTimes): Promise<void> {
    this.#expectList(USAGE_PATH);
    const body = JSON.stringify({ usage: serializeFlagTimes(lastEvaluated) });
    await this.#ask(USAGE_PATH, { method: 'POST', body, isBackground: true });
  }

  async usage(): Promise<FlagTimes> {
    const { body } = await this.#ask(USAGE_PATH, { method: 'GET', isBackground: false });
    return this.#read('tells what its fleet uses', () => parseFlagTimes(parseBody(body)['usage'], MOST_USED));
  }

  #read<Answer>(does: string, read: () => Answer): Answer {
    try {
      return read();
    } catch (error) {
      const why = error instanceof Error ? error.message : typeof error;
      throw new HttpStoreError(`${this.#connection.where} ${does} in a way that can't be read: ${why}`);
    }
  }

  #isLeftAlone(path: string): boolean {
    return performance.now() < (this.#leaveAloneUntil.get(path) ?? 0);
  }

  #expectList(path: string): void {
    if (this.#isLeftAlone(path)) throw new NoFleetListError(this.#connection.where);
  }

  async #ask(
    path: string,
    { query = '', ...question }: Omit<Question, 'scope' | 'path'> & { readonly query?: string },
  ): Promise<Answered> {
    const { where } = this.#connection;
    const answer = await this.#connection.ask({ ...question, path: `${path}${query}`, scope: 'fleet' });
    const { status, headers } = answer;
    if (status === 404 || status === 405) {
      this.#leaveAloneUntil.set(path, performance.now() + LEAVE_ALONE_MS);
      throw new NoFleetListError(where);
    }
    if (status !== 200 && status !== 204) throw answerError(`${where}${path}`, status, headers);
    this.#leaveAloneUntil.delete(path);
    return answer;
  }
}

function parseBody(body: Buffer): Readonly<Record<string, unknown>> {
  if (!isUtf8(body)) throw new Error('it is not UTF-8.');
  return JSON.parse(body.toString('utf8')) as Readonly<Record<string, unknown>>;
}

function readInstances(body: Buffer): readonly FleetInstance[] {
  const { instances } = parseBody(body);
  if (!Array.isArray(instances)) throw new Error('`instances`: expected a list.');
  return instances.map((instance: unknown) => ({
    ...parseInstanceReport(instance),
    lastContact: numberOf('lastContact', (instance as Partial<FleetInstance>).lastContact, Number.isFinite),
  }));
}
