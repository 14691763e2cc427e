import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, inject, it } from 'vitest';
import { readFlagDocumentText } from '../../src/flags/flag-document-text.js';
import type { FlagDocument } from '../../src/flags/flag-document.js';
import type { Change, StoredFlags } from '../../src/stores/flag-store.js';
import { report } from './fault-report.js';
import type { WritableWiring } from './fault-wiring.js';
import { openWritable } from './open-store.js';
import { WriterProcess } from './writer-process.js';

const processes = 8;
const changes = 500;
const kills = 200;
/** How many writers write while one of them is killed. */
const slots = 4;

/** How long a writer goes on writing at most, in milliseconds. */
const longestLifeMs = 50;

const why = { by: 'test', reason: 'test' };

const document = 'version: 1\nflags:\n  payments: { kind: operational }   # switched off by hand\n';

/** What many processes that write at once must come to, and what a dead one may not leave behind. */
export function writersSuite(name: string, wirings: readonly [WritableWiring, ...WritableWiring[]]): void {
  const [first] = wirings;
  const kindOf = (index: number): WritableWiring['kind'] => wirings[index % wirings.length]?.kind ?? first.kind;

  describe(`writers of ${name}`, () => {
    it(`make ${processes} × ${changes} changes, none lost, none twice`, { timeout: 600_000 }, async (context) => {
      const server = await first.start();
      context.onTestFinished(() => server.remove());
      const { store, end } = await openWritable(first.kind, server.url());
      context.onTestFinished(end);
      await store.pushDocument(document, why);
      const writers = await Promise.all(
        Array.from({ length: processes }, (_, index) =>
          WriterProcess.start(kindOf(index), server.url(), { name: `writer-${index}`, first: 1, count: changes }),
        ),
      );
      for (const writer of writers) context.onTestFinished(() => writer.kill());
      const begin = performance.now();
      const reports = await Promise.all(
        writers.map(async (writer) => {
          await writer.begin();
          return await writer.report();
        }),
      );
      const totalMs = performance.now() - begin;
      const stored = await store.load();
      const history = (await store.history({ limit: 1_000_000 })).filter(({ by }) => by !== why.by);
      const made = reports.reduce((sum, { attempts }) => sum + attempts, 0);
      const longestMs = Math.max(...reports.map((one) => one.longestMs));
      report(inject('faultReport'), {
        store: name,
        fault: `${processes} processes, ${changes} changes each`,
        note:
          `${history.length} changes in ${(totalMs / 1_000).toFixed(1)} s, ` +
          `${(made / history.length).toFixed(2)} attempts each, the slowest ${(longestMs / 1_000).toFixed(1)} s`,
      });
      const expected = Array.from({ length: processes * changes }, (_, index) => {
        return `writer-${index % processes} ${Math.floor(index / processes) + 1}`;
      });
      expect(history.map(({ reason }) => reason).toSorted()).toEqual(expected.toSorted());
      expect(new Set(history.map(({ version }) => version)).size).toBe(processes * changes);
      expect([...numbersIn(stored).values()]).toEqual(Array.from({ length: processes }, () => String(changes)));
      expect([...stored.state.kills.values()].map(({ reason }) => reason)).toEqual([...numbersIn(stored).values()]);
    });

    it(`agree with each other after each of ${kills} writers was killed`, { timeout: 600_000 }, async (context) => {
      const server = await first.start();
      context.onTestFinished(() => server.remove());
      const { store, end } = await openWritable(first.kind, server.url());
      context.onTestFinished(end);
      await store.pushDocument(document, why);
      let killed = 0;
      let longestMs = 0;
      const killWriters = async (slot: number): Promise<void> => {
        while (killed < kills) {
          killed += 1;
          const writing = { name: `writer-${slot}`, first: killed * 100_000, count: 100_000 };
          const writer = await WriterProcess.start(kindOf(slot), server.url(), writing);
          await writer.begin();
          await wait(Math.random() * longestLifeMs);
          await writer.kill();
          const begin = performance.now();
          await store.update(rolledOut(killed), why);
          longestMs = Math.max(longestMs, performance.now() - begin);
          expectAgreement(await store.load(), await store.history({ limit: 1_000 }));
        }
      };
      await Promise.all(Array.from({ length: slots }, (_, slot) => killWriters(slot)));
      const history = (await store.history({ limit: 1_000_000 })).filter(({ by }) => by !== why.by);
      report(inject('faultReport'), {
        store: name,
        fault: `${kills} writers killed while they wrote`,
        note: `${history.length} changes were made; the slowest after a kill took ${Math.round(longestMs)} ms`,
      });
      expect(history.length).toBeGreaterThanOrEqual(kills);
      expect(new Set(history.map(({ reason }) => reason)).size).toBe(history.length);
      // Longer than any lock or turn that a dead writer may leave.
      expect(longestMs).toBeLessThan(30_000);
    });
  });
}

/** Document, state, version and history say the same. */
function expectAgreement(stored: StoredFlags, history: readonly Change[]): void {
  const index = history.findIndex(({ version }) => version === stored.version);
  expect(index).not.toBe(-1);
  const until = history.slice(index);
  for (const [name, number] of numbersIn(stored)) {
    expect(stored.state.kills.get(name)?.reason).toBe(number);
    expect(until.find(({ by }) => by === name)?.reason).toBe(`${name} ${number}`);
  }
}

/** What each writer wrote last, by its name. */
function numbersIn({ document: stored }: StoredFlags): ReadonlyMap<string, string> {
  const { flags } = (Array.isArray(stored) ? readFlagDocumentText(stored).document : stored) as FlagDocument;
  const writers = Object.entries(flags).filter(([key]) => key.startsWith('writer-'));
  return new Map(writers.map(([key, { description = '' }]) => [key, description]));
}

function rolledOut(percentage: number): (document: FlagDocument) => FlagDocument {
  return (before) => ({
    ...before,
    flags: { ...before.flags, payments: { kind: 'operational', rollout: percentage % 101 } },
  });
}
