import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it, type TestContext, vi } from 'vitest';
import type { FaultWiring } from './fault-wiring.js';
import { FaultyProxy } from './faulty-proxy.js';
import { Scene, type SceneOptions } from './scene.js';
import { SmallDisk } from './small-disk.js';

const anHourMs = 3_600_000;

const reconnects = 10_000;

/** The round in a cache: of a text, or of an object. */
const keptRound = /"?now"?: ?['"](\d)/;

const patience = { timeout: 120_000, interval: 20 };

/** PostgreSQL starts a process for each connection. */
const longPatience = { timeout: 360_000, interval: 100 };

/**
 * What a service that follows a store must survive, without a failed request. The tests run at the same time: most of a
 * fault is waiting.
 */
export function faultSuite(wiring: FaultWiring): void {
  const open = async (context: TestContext, options?: SceneOptions): Promise<Scene> => {
    const ends: (() => unknown)[] = [];
    context.onTestFinished(async () => {
      for (const end of ends.toReversed()) await end();
    });
    return await Scene.open(wiring, (end) => ends.push(end), options);
  };

  const whole = it.skipIf(wiring.isServerAlone);

  describe.concurrent(`a service on ${wiring.name ?? wiring.kind}`, { timeout: 300_000 }, () => {
    it('survives a server that is killed, and restarted after 10 s', async (context) => {
      const scene = await open(context);
      await scene.suffer({
        name: 'server killed for 10 s',
        happen: async () => {
          await scene.server.kill();
          await wait(10_000);
        },
        isNoticed: true,
        end: () => scene.server.restart(),
      });
    });

    it('survives a server that hangs for 20 s', async (context) => {
      const scene = await open(context);
      await scene.suffer({
        name: 'server paused for 20 s',
        happen: async () => {
          scene.server.pause();
          await wait(20_000);
        },
        isNoticed: true,
        end: () => scene.server.resume(),
      });
    });

    whole('survives connections that are cut in the middle of an answer', async (context) => {
      const scene = await open(context, { isThroughProxy: true });
      await scene.suffer({
        name: 'connections cut within answers, 10 s',
        happen: async () => {
          scene.proxy.cut(600);
          await wait(10_000);
        },
        end: () => scene.proxy.heal(),
      });
    });

    whole('survives connections on which nothing arrives any more', async (context) => {
      const scene = await open(context, { isThroughProxy: true });
      await scene.suffer({
        name: 'network swallows everything, 10 s',
        happen: async () => {
          scene.proxy.swallow();
          await wait(10_000);
        },
        isNoticed: true,
        end: () => scene.proxy.heal(),
        clear: () => scene.proxy.giveUp(),
      });
    });

    const again = it.runIf(wiring.isImpatient);
    again('does not grow while it connects again and again', { timeout: 480_000 }, async (context) => {
      const scene = await open(context, { isThroughProxy: true, reconnectMs: 1 });
      const reconnect = async (times: number): Promise<void> => {
        scene.proxy.cut(100);
        const { accepted } = scene.proxy;
        await vi.waitFor(() => expect(scene.proxy.accepted - accepted).toBeGreaterThan(times), longPatience);
      };
      // The first ones let code be compiled, and tables grow to their size.
      await reconnect(reconnects / 10);
      scene.proxy.heal();
      await scene.until(({ status }) => status === 'ready');
      await scene.suffer({
        name: `${reconnects} reconnects`,
        happen: () => reconnect(reconnects),
        end: () => scene.proxy.heal(),
      });
    });

    it('survives a server that comes back empty', async (context) => {
      const scene = await open(context);
      await scene.suffer({
        name: 'server restarted empty',
        happen: async () => {
          await scene.server.empty();
          await wait(3_000);
        },
        isNoticed: true,
      });
    });

    it('follows a replica that lacks the latest changes, and says so', async (context) => {
      const scene = await open(context, { isThroughProxy: true });
      const replication = await FaultyProxy.start(scene.server.copiedFrom ?? scene.server.port);
      context.onTestFinished(() => replication.close());
      const replica = await scene.server.startReplica?.(replication.port);
      if (replica === undefined) return context.skip('has no replicas here');
      context.onTestFinished(() => replica.remove());
      await vi.waitFor(async () => expect(await replica.hasCopied()).toBe(true), patience);
      replication.swallow();
      await scene.nextRound();
      await scene.suffer({
        name: 'replica with an older version promoted',
        happen: async () => {
          await scene.server.kill();
          await wait(3_000);
          scene.loop.expected = 'either';
        },
        isNoticed: true,
        end: async () => {
          await replica.promote();
          scene.proxy.lead(replica.port);
        },
        recover: () => scene.loop.answered({ round: '1', isPaying: false }),
      });
      const { logged } = await scene.service.vitals();
      expect(logged).toContainEqual(expect.stringContaining('went back from version'));
      scene.loop.expected = 'blocked';
      await scene.nextRound(replica);
    });

    it('survives a password that is changed, and changed back', async (context) => {
      const scene = await open(context);
      const { changePassword } = scene.server;
      if (changePassword === undefined) return context.skip('has no password here');
      let changeBack: (() => Promise<unknown>) | undefined;
      await scene.suffer({
        name: 'password changed for 10 s',
        happen: async () => {
          changeBack = await changePassword();
          await wait(10_000);
        },
        isNoticed: true,
        end: () => changeBack?.(),
      });
    });

    whole('survives a clock that is an hour wrong, either way', async (context) => {
      const scene = await open(context);
      await scene.suffer({
        name: 'clock moved an hour on, then an hour back',
        happen: async () => {
          scene.service.moveClock(anHourMs);
          await scene.nextRound();
          scene.service.moveClock(-anHourMs);
          scene.loop.expected = 'either';
          await scene.switchPaymentsOff();
          await scene.loop.answered({ round: '2', isPaying: false });
          scene.loop.expected = 'blocked';
          await scene.nextRound();
        },
        end: () => scene.service.moveClock(0),
      });
    });

    whole('survives a disk that is full, and keeps flags there when it has room again', async (context) => {
      const disk = await SmallDisk.mount();
      if (disk === undefined) return context.skip('a small file system can be mounted by root alone');
      context.onTestFinished(() => disk.remove());
      const cache = join(disk.path, 'flags.cache');
      const scene = await open(context, { cache });
      const kept = (): string | undefined => keptRound.exec(readFileSync(cache, 'utf8'))?.[1];
      await vi.waitFor(() => expect(kept()).toBe('1'), patience);
      await scene.suffer({
        name: 'disk of the cache full for 10 s',
        happen: async () => {
          disk.fill();
          await scene.nextRound();
          await wait(10_000);
          await scene.until(({ logged }) => logged.some((message) => message.includes('no space left on the device')));
          expect(kept()).toBe('1');
        },
        end: () => disk.clear(),
      });
      await vi.waitFor(() => expect(kept()).toBe('3'), patience);
    });

    it('survives garbage in the place of the document', async (context) => {
      const scene = await open(context);
      for (const { name, isNoticed, put, clear } of scene.server.garbage) {
        await scene.suffer({
          name: `garbage by hand: ${name}`,
          happen: async () => {
            await put();
            await wait(3_000);
          },
          isNoticed,
          end: () => clear?.(),
        });
      }
    });
  });
}
