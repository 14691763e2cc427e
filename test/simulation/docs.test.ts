import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { drawRollouts } from '../../.config/draw-rollouts.mjs';
import { readRecorded } from './recorded.js';
import { tables } from './tables.js';

const docs = new URL('../../docs/', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, docs), 'utf8');

describe('what the documentation says of simulated rollouts', () => {
  it.each(Object.entries(tables()))('is what was recorded: %s', (_name, table) => {
    expect(read('watched-rollouts.md')).toContain(table);
  });

  it('is drawn from it', () => {
    expect(drawRollouts()).toBe(read('watched-rollouts.svg'));
  });

  it('says the figures of a limit of 1 % that are recorded', () => {
    const page = read('watched-rollouts.md');
    for (const share of Object.values(readRecorded<number>('threshold-one-percent'))) {
      expect(page).toContain(`${Math.round(share * 100)} %`);
    }
  });
});
