import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

/** What a fault did to a service, in figures; what doesn't apply is empty. */
export interface FaultRow {
  readonly store: string;
  readonly fault: string;
  readonly requests?: number;
  readonly failed?: number;
  /** The longest request before the fault, and from its beginning to its end and the catching up, in milliseconds. */
  readonly longestBeforeMs?: number;
  readonly longestMs?: number;
  /** How long after the fault's end all answers were those of the latest flags, in milliseconds. */
  readonly caughtUpMs?: number;
  readonly note?: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** The file of rows. */
    faultReport: string;
  }
}

/** Prints one line now, and keeps it for the table at the end. */
export function report(file: string, row: FaultRow): void {
  console.log(cellsOf(row).join(' · '));
  appendFileSync(file, `${JSON.stringify(row)}\n`);
}

/** Around all tests: prints the table of what they reported. With `RECORD=1`, it goes into the documentation, too. */
export default function printTable(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'halyard-faults-'));
  const file = join(folder, 'rows.jsonl');
  appendFileSync(file, '');
  project.provide('faultReport', file);
  return () => {
    const lines = readFileSync(file, 'utf8').split('\n');
    rmSync(folder, { recursive: true, force: true });
    const rows = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as FaultRow);
    const table = tableOf(rows.toSorted((a, b) => a.store.localeCompare(b.store)));
    console.log(`\nWhat was broken on purpose, and what happened:\n\n${table}\n`);
    if (process.env['RECORD'] === '1') record(table);
  };
}

const headings = ['store', 'fault', 'requests', 'failed', 'longest before', 'longest', 'caught up after', 'and'];

function cellsOf(row: FaultRow): readonly string[] {
  const ms = (value: number | undefined): string => (value === undefined ? '' : `${Math.round(value)} ms`);
  const { store, fault, requests = '', failed = '', note = '' } = row;
  const times = [ms(row.longestBeforeMs), ms(row.longestMs), ms(row.caughtUpMs)];
  return [store, fault, String(requests), String(failed), ...times, note];
}

/** As Markdown, so that it can stand in the documentation. */
function tableOf(rows: readonly FaultRow[]): string {
  const lines = [headings, headings.map(() => '---'), ...rows.map(cellsOf)];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const page = join(import.meta.dirname, '..', '..', 'docs', 'operations.md');

/** Replaces the table that begins as this one does. */
function record(table: string): void {
  const [heading = '', ...before] = readFileSync(page, 'utf8').split(`| ${headings.join(' | ')} |\n`);
  if (before.length !== 1) throw new Error(`${page}: expected one table of faults, found ${before.length}.`);
  const after = before.join('').replace(/^(?:\|.*\n)+/, '');
  writeFileSync(page, `${heading}${table}\n${after}`);
}
