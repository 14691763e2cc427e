import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createHalyard, type FlagDocument, type Halyard, pushDocument } from 'halyard';
import { postgresStore } from 'halyard/stores/postgres';
import { Pool } from 'pg';
import { vi } from 'vitest';
import { Prometheus } from '../observability/prometheus.js';
import { freePort } from '../stores/free-port.js';
import { PostgresServer } from '../stores/postgres/postgres-server.js';
import { temporaryFolder } from '../stores/temporary-folder.js';
import type { ServiceSettings, ServiceState } from './service.js';

const serviceFile = fileURLToPath(new URL('service.ts', import.meta.url));

/** A running service, in a process of its own. */
export class Service {
  readonly origin: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.origin = `http://127.0.0.1:${port}`;
  }

  static async start(settings: ServiceSettings): Promise<Service> {
    const child = fork(serviceFile, [JSON.stringify(settings)], { execArgv: ['--import', 'tsx'] });
    const [port] = (await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(([code]) => {
        throw new Error(`The service ended with ${String(code)} before it listened.`);
      }),
    ])) as [number];
    return new Service(child, port);
  }

  async state(): Promise<ServiceState> {
    return (await (await fetch(`${this.origin}/state`)).json()) as ServiceState;
  }

  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exit;
  }
}

/** Three services on one PostgreSQL, a Prometheus that scrapes them, and users who make requests. */
export class Shop {
  readonly services: Service[] = [];
  readonly postgres: PostgresServer;
  readonly #prometheusPort: number;
  readonly #targets: string;
  readonly #pool: Pool;
  readonly #endings: (() => unknown)[];
  #prometheus: Prometheus | undefined;
  #isOpen = true;
  /** Requests that no service answered. */
  unanswered = 0;

  private constructor(postgres: PostgresServer, port: number, targets: string, endings: (() => unknown)[]) {
    this.postgres = postgres;
    this.#prometheusPort = port;
    this.#targets = targets;
    this.#endings = endings;
    this.#pool = new Pool({ connectionString: postgres.url, connectionTimeoutMillis: 5_000 });
  }

  static async open(document: FlagDocument): Promise<Shop> {
    const endings: (() => unknown)[] = [];
    const postgres = await PostgresServer.start();
    endings.push(() => postgres.remove());
    const { path, remove } = await temporaryFolder();
    endings.push(remove);
    const shop = new Shop(postgres, await freePort(), join(path, 'targets.json'), endings);
    const store = postgresStore(shop.#pool, { environment: 'rollouts' });
    await pushDocument(store, { name: 'flags.json', text: JSON.stringify(document) }, { by: 'test', reason: 'begin' });
    await store.close();
    await shop.startPrometheus();
    const settings = { postgres: postgres.url, prometheus: `http://127.0.0.1:${shop.#prometheusPort}` };
    shop.services.push(...(await Promise.all([1, 2, 3].map(() => Service.start(settings)))));
    await shop.#tellTargets();
    void shop.#visit();
    return shop;
  }

  async startPrometheus(): Promise<void> {
    this.#prometheus = await Prometheus.start(
      {
        global: { scrape_interval: '1s' },
        scrape_configs: [{ job_name: 'shop', file_sd_configs: [{ files: [this.#targets], refresh_interval: '1s' }] }],
      },
      this.#prometheusPort,
    );
  }

  async stopPrometheus(): Promise<void> {
    const prometheus = this.#prometheus;
    this.#prometheus = undefined;
    await prometheus?.close();
  }

  /** The one that controls. */
  async leader(): Promise<Service> {
    return await vi.waitFor(
      async () => {
        const leaders: Service[] = [];
        for (const service of this.services) if ((await service.state()).isLeading) leaders.push(service);
        if (leaders.length !== 1) throw new Error(`${leaders.length} lead.`);
        return leaders[0] as Service;
      },
      { timeout: 60_000, interval: 200 },
    );
  }

  /** Kills a service, and sends nobody there any more. */
  async kill(service: Service): Promise<void> {
    this.services.splice(this.services.indexOf(service), 1);
    await service.kill();
    await this.#tellTargets();
  }

  /** Something that is true of the state of every service, sooner or later. */
  async until(isSo: (state: ServiceState) => boolean, timeout = 120_000): Promise<void> {
    await vi.waitFor(
      async () => {
        for (const service of this.services) {
          const state = await service.state();
          if (!isSo(state)) throw new Error(JSON.stringify(state));
        }
      },
      { timeout, interval: 200 },
    );
  }

  /** Does something as another process would. */
  async elsewhere<Result>(action: (halyard: Halyard) => Promise<Result>): Promise<Result> {
    const halyard = await createHalyard({
      store: postgresStore(this.#pool, { environment: 'rollouts' }),
      fleet: false,
    });
    try {
      return await action(halyard);
    } finally {
      await halyard.close();
    }
  }

  /** The audit trail, oldest first. */
  async history(): Promise<readonly { readonly by: string; readonly reason: string }[]> {
    const store = postgresStore(this.#pool, { environment: 'rollouts' });
    const history = await store.history({ limit: 1_000 });
    await store.close();
    return history.toReversed().map(({ by, reason }) => ({ by, reason }));
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    for (const service of this.services) await service.kill();
    await this.stopPrometheus();
    await this.#pool.end();
    for (const end of this.#endings.toReversed()) await end();
  }

  /** About 150 requests a second, of 2,000 users, to whichever service. */
  async #visit(): Promise<void> {
    const agent = new Agent({ keepAlive: true });
    for (let visit = 0; this.#isOpen; visit += 1) {
      const user = `user-${Math.floor(Math.random() * 2_000)}`;
      const service = this.services[visit % this.services.length];
      if (service === undefined) break;
      for (const path of ['/good', '/bad']) {
        const request = get(`${service.origin}${path}`, { agent, headers: { 'x-user': user } }, (response) => {
          response.resume();
        });
        request.on('error', () => {
          if (this.services.includes(service) && this.#isOpen) this.unanswered += 1;
        });
      }
      await wait(13);
    }
    agent.destroy();
  }

  async #tellTargets(): Promise<void> {
    const targets = this.services.map(({ origin }) => new URL(origin).host);
    await writeFile(this.#targets, JSON.stringify([{ targets }]));
  }
}
