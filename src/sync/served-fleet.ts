import type { HttpAnswer } from '../http/http-answer.js';
import type { HttpRequest } from '../http/http-request.js';
import { readJsonBody } from '../http/json-body.js';
import { RequestProblem } from '../http/request-problem.js';
import { within } from '../runtime/within.js';
import { parseFlagTimes, serializeFlagTimes } from '../stores/flag-times.js';
import { type FleetRegister, NoFleetListError } from '../stores/fleet-register.js';
import { BadReportError, numberOf, parseInstanceReport, textOf } from '../stores/instance-report.js';
import type { SyncFleetOptions } from './sync-options.js';

/** More than the longest report has, however its texts are written. */
const LONGEST_REPORT_BYTES = 8_192;

/** More than what a thousand of the longest flag keys take, with their times. */
const LONGEST_USAGE_BYTES = 200_000;

/** Nobody is remembered longer after a report: five days, more than what the longest `reportMs`, a day, comes to. */
const LONGEST_LIFE_MS = 5 * 86_400_000;

/** A register that takes longer can't be asked. */
const LONGEST_ANSWER_MS = 10_000;

/** After how long a reader asks again whose report could not be taken, in seconds. */
const RETRY_AFTER_SECONDS = 5;

/** Takes the reports of readers, and lists all that live. */
export class ServedFleet {
  readonly #register: FleetRegister;
  readonly #isServed: (flagKey: string) => boolean;
  readonly #maxInstances: number;
  /** Until when those live that reported here, on the clock of `performance`, by their ids. */
  readonly #living = new Map<string, number>();

  /** @param isServed whether the flags that are served have this key */
  constructor(
    register: FleetRegister,
    isServed: (flagKey: string) => boolean,
    { maxInstances = 10_000 }: SyncFleetOptions,
  ) {
    this.#register = register;
    this.#isServed = isServed;
    this.#maxInstances = maxInstances;
  }

  /** @throws RequestProblem: 400, 413 and 415 for what is no report, 503 for one too many, 404 if nobody keeps a list */
  answer(request: HttpRequest): Promise<HttpAnswer> {
    return answering(() => {
      if (request.method === 'POST') return this.#take(request);
      if (request.method === 'DELETE') return this.#remove(request);
      return this.#list();
    });
  }

  /**
   * When readers last evaluated which flags. Only flags that are served here are noted: a reader can't fill the store.
   * @throws RequestProblem: 400, 413 and 415 for what is none, 404 if nobody keeps it
   */
  answerUsage(request: HttpRequest): Promise<HttpAnswer> {
    return answering(() => (request.method === 'POST' ? this.#takeUsage(request) : this.#tellUsage()));
  }

  async #take(request: HttpRequest): Promise<HttpAnswer> {
    const body = await readJsonBody(request, LONGEST_REPORT_BYTES);
    const report = parseInstanceReport(body);
    const ttlMs = numberOf('ttlMs', (body as { readonly ttlMs?: unknown }).ttlMs, isLife);
    this.#makeRoom(report.id);
    this.#living.set(report.id, performance.now() + ttlMs);
    await this.#ask(this.#register.report(report, ttlMs));
    return DONE;
  }

  async #remove(request: HttpRequest): Promise<HttpAnswer> {
    const id = textOf('id', request.query.get('id'));
    this.#living.delete(id);
    await this.#ask(this.#register.remove(id));
    return DONE;
  }

  async #list(): Promise<HttpAnswer> {
    const instances = await this.#ask(this.#register.list());
    return jsonAnswer({ instances });
  }

  async #takeUsage(request: HttpRequest): Promise<HttpAnswer> {
    const body = await readJsonBody(request, LONGEST_USAGE_BYTES);
    const times = parseFlagTimes((body as { readonly usage?: unknown } | undefined)?.usage);
    const known = new Map(Array.from(times).filter(([key]) => this.#isServed(key)));
    await this.#ask(this.#register.noteUsage?.(known) ?? Promise.reject(new NoFleetListError('The register')));
    return DONE;
  }

  async #tellUsage(): Promise<HttpAnswer> {
    const usage = await this.#ask(this.#register.usage?.() ?? Promise.reject(new NoFleetListError('The register')));
    return jsonAnswer({ usage: serializeFlagTimes(usage) });
  }

  #makeRoom(id: string): void {
    if (this.#living.size < this.#maxInstances || this.#living.has(id)) return;
    const now = performance.now();
    for (const [other, until] of this.#living) if (until <= now) this.#living.delete(other);
    if (this.#living.size >= this.#maxInstances) throw unavailable('There is no room for more instances.');
  }

  /** What went wrong there is nobody's business here. The Halyard that serves reports there too, and logs it. */
  async #ask<Result>(answer: Promise<Result>): Promise<Result> {
    try {
      return await within(LONGEST_ANSWER_MS, answer);
    } catch (error) {
      if (error instanceof NoFleetListError) throw new RequestProblem(404, 'No list of instances is kept here.');
      throw unavailable('The list of instances can not be reached.');
    }
  }
}

const HEADERS = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };

const DONE: HttpAnswer = { status: 204, headers: HEADERS, body: undefined };

function jsonAnswer(data: unknown): HttpAnswer {
  return { status: 200, headers: { ...HEADERS, 'Content-Type': 'application/json' }, body: JSON.stringify(data) };
}

async function answering(answer: () => Promise<HttpAnswer>): Promise<HttpAnswer> {
  try {
    return await answer();
  } catch (error) {
    if (error instanceof BadReportError) throw new RequestProblem(400, error.message);
    throw error;
  }
}

const isLife = (value: number): boolean => value > 0 && value <= LONGEST_LIFE_MS;

function unavailable(why: string): RequestProblem {
  return new RequestProblem(503, why, { 'Retry-After': String(RETRY_AFTER_SECONDS) });
}
