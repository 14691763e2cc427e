import { setTimeout as wait } from 'node:timers/promises';
import { expect, inject, vi } from 'vitest';
import { report } from './fault-report.js';
import type { FaultWiring, FaultyServer } from './fault-wiring.js';
import { FaultyProxy } from './faulty-proxy.js';
import { openWritable, type OpenWritableStore } from './open-store.js';
import { RequestLoop } from './request-loop.js';
import { ServiceProcess } from './service-process.js';
import type { Vitals } from './vitals.js';
import { emptyFlagState } from '../../src/flags/flag-state.js';

const patience = { timeout: 60_000, interval: 50 };

/** A request that waited for the store would take as long as the fault. What else the machine does is no fault of the store. */
const longestStallMs = 10_000;

/** How long after a fault the latest flags may take, in milliseconds: the longest that a driver waits, and a busy machine. */
const longestCatchUpMs = 30_000;

/** Code that is compiled while it runs, and the first of everything; 10,000 of anything that stays would be more. */
const largestGrowthBytes = 5_000_000;

const by = { by: 'test', reason: 'test' };

/** What a fault does, and what becomes of the service meanwhile. */
export interface Fault {
  readonly name: string;
  /** Begins the fault, lets it last, and looks at what has to hold meanwhile. */
  readonly happen: () => Promise<unknown>;
  /** Ends it. Default: it ended by itself. */
  readonly end?: () => unknown;
  /** Whether Halyard must have noticed: its health is `stale` before the fault ends. */
  readonly isNoticed?: boolean;
  /** Resolves when the service is right again. Default: another round of flags is written and followed. */
  readonly recover?: () => Promise<void>;
  /** Clears away what the fault has left, before descriptors are counted again. */
  readonly clear?: () => unknown;
}

export interface SceneOptions {
  /** Whether the service reaches the server through the proxy. Default: false. */
  readonly isThroughProxy?: boolean;
  /** How long the service's driver waits before it connects again, in milliseconds. Default: the driver's. */
  readonly reconnectMs?: number;
  /** Where the service keeps the last good flags. Default: nowhere. */
  readonly cache?: string;
}

/** A service that answers requests, its store's server, and a network between them. */
export class Scene {
  readonly server: FaultyServer;
  readonly proxy: FaultyProxy;
  readonly service: ServiceProcess;
  readonly loop: RequestLoop;
  readonly #wiring: FaultWiring;
  #round = 1;

  private constructor(wiring: FaultWiring, server: FaultyServer, proxy: FaultyProxy, service: ServiceProcess) {
    this.#wiring = wiring;
    this.server = server;
    this.proxy = proxy;
    this.service = service;
    this.loop = new RequestLoop(service.origin, ['1', '2', '3', '4']);
  }

  /**
   * Starts all of it with the first round of flags and `payments` killed.
   *
   * @param onEnd is told how each part ends
   */
  static async open(
    wiring: FaultWiring,
    onEnd: (end: () => unknown) => void,
    { isThroughProxy = false, ...options }: SceneOptions = {},
  ): Promise<Scene> {
    const server = await wiring.start();
    onEnd(() => server.remove());
    const proxy = await FaultyProxy.start(server.port);
    onEnd(() => proxy.close());
    await withStore(wiring, server, async ({ store }) => {
      await store.pushDocument(documentOf(1), by);
      await store.updateState(() => ({ ...emptyFlagState, kills: new Map([['payments', { at: 0, ...by }]]) }), by);
    });
    const url = server.url(isThroughProxy ? proxy.port : undefined);
    const service = await ServiceProcess.start(wiring.kind, url, options);
    onEnd(() => service.end());
    const scene = new Scene(wiring, server, proxy, service);
    onEnd(() => scene.loop.end());
    await scene.loop.answered({ round: '1', isPaying: false });
    return scene;
  }

  /** Lets a fault happen, writes the next round of flags when it is over, and measures what requests saw of it. */
  async suffer({ name, happen, end, isNoticed, recover, clear }: Fault): Promise<void> {
    await wait(2_000);
    const before = this.loop.figures();
    const vitalsBefore = await this.service.vitals();
    const begin = performance.now();
    await happen();
    if (isNoticed) await this.until(({ status }) => status === 'stale');
    await end?.();
    const ended = performance.now();
    await (recover?.() ?? this.nextRound());
    const caughtUpMs = performance.now() - ended;
    const { requests, failures, longestMs } = this.loop.figures();
    await clear?.();
    const vitals = await this.until(
      ({ status, descriptors, resources }) =>
        status === 'ready' && descriptors <= vitalsBefore.descriptors && resources <= vitalsBefore.resources,
    );
    report(inject('faultReport'), {
      store: this.#wiring.name ?? this.#wiring.kind,
      fault: name,
      requests,
      failed: failures.length,
      longestBeforeMs: before.longestMs,
      longestMs,
      caughtUpMs,
      note: growthOf(vitalsBefore, vitals),
    });
    expect([...before.failures, ...failures]).toEqual([]);
    expect(vitals.unhandled).toEqual([]);
    expect(vitals.heapBytes - vitalsBefore.heapBytes).toBeLessThan(largestGrowthBytes);
    expect(longestMs).toBeLessThan(Math.max(ended - begin, longestStallMs));
    expect(caughtUpMs).toBeLessThan(longestCatchUpMs);
    expect(await this.service.metrics()).not.toMatch(/feature_flag_evaluations_total\{.*error_type="[^"]/);
  }

  /** Writes another round and turns `payments` over, and resolves when the service answers so. */
  async nextRound(server: FaultyServer = this.server): Promise<void> {
    this.#round += 1;
    const isPaying = this.loop.expected === 'blocked';
    const round = String(this.#round);
    this.loop.expected = 'either';
    const answered = this.loop.answered({ round, isPaying });
    await withStore(this.#wiring, server, async ({ store }) => {
      const kills = new Map(isPaying ? [] : [['payments', { at: 0, ...by }]]);
      await store.pushDocument(documentOf(this.#round), by);
      await store.updateState(() => ({ ...emptyFlagState, kills }), by);
    });
    await answered;
    this.loop.expected = isPaying ? 'paying' : 'blocked';
  }

  /** Lets the service switch `payments` off itself, if it can. */
  async switchPaymentsOff(): Promise<void> {
    if (this.#wiring.isReadOnly !== true) {
      await this.service.kill();
      return;
    }
    const kills = new Map([['payments', { at: 0, ...by }]]);
    await withStore(this.#wiring, this.server, async ({ store }) => {
      await store.updateState(() => ({ ...emptyFlagState, kills }), by);
    });
  }

  /** Resolves when the service is so. */
  until(isSo: (vitals: Vitals) => boolean): Promise<Vitals> {
    return vi.waitFor(async () => {
      const vitals = await this.service.vitals();
      expect(vitals).toSatisfy(isSo);
      return vitals;
    }, patience);
  }
}

/** Past the proxy, as another process would. */
async function withStore(
  { kind }: FaultWiring,
  server: FaultyServer,
  action: (store: OpenWritableStore) => Promise<void>,
): Promise<void> {
  const opened = await openWriter(kind, server);
  try {
    await action(opened);
  } finally {
    await opened.end();
  }
}

async function openWriter(kind: FaultWiring['kind'], server: FaultyServer): Promise<OpenWritableStore> {
  if (server.openWriter !== undefined) return await server.openWriter();
  if (kind === 'http')
    throw new Error('What is read over HTTP is written elsewhere: the server needs an `openWriter`.');
  return await openWritable(kind, server.url());
}

function growthOf(before: Vitals, after: Vitals): string {
  const megabytes = (after.heapBytes - before.heapBytes) / 1_000_000;
  return `heap ${megabytes < 0 ? '' : '+'}${megabytes.toFixed(1)} MB, ${after.descriptors - before.descriptors} descriptors more`;
}

function documentOf(round: number): string {
  return `# Round ${round}.
version: 1
flags:
  round: { variants: { now: '${round}' }, offVariant: null, serve: now }
  payments: { kind: operational }
`;
}
