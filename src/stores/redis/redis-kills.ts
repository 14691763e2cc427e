import type { Kill } from '../../flags/flag-state.js';
import { serializeKill } from '../../flags/flag-state-text.js';
import { parseInstant } from '../../flags/instant.js';
import { isKey } from '../../flags/names.js';

/** The hash of kills as Redis holds it. */
export type KillTexts = ReadonlyMap<string, string>;

/**
 * Reads kills that people may have typed in an emergency: whatever is there kills, and only what can be understood adds
 * to it. JSON gives `at`, `by`, `reason` and `until`; another text is the reason. An entry without text, or of something
 * that can't be a flag's key, is none.
 *
 * @param notBefore what stands in for a time that is not said, in milliseconds since the epoch
 */
export function readKills(texts: KillTexts, notBefore: number): ReadonlyMap<string, Kill> {
  const kills = new Map<string, Kill>();
  for (const [key, text] of texts) {
    if (isKey(key) && text.trim() !== '') kills.set(key, readKill(text, notBefore));
  }
  return kills;
}

export function writeKill(kill: Kill): string {
  return JSON.stringify(serializeKill(kill));
}

function readKill(text: string, notBefore: number): Kill {
  const value = parseJson(text);
  const reason = typeof value === 'string' ? value : '';
  if (typeof value !== 'object' || value === null) return { at: notBefore, by: 'unknown', reason };
  const written: Readonly<Record<string, unknown>> = { ...value };
  const until = readTime(written['until']);
  return {
    at: readTime(written['at']) ?? notBefore,
    by: readText(written['by']) ?? 'unknown',
    reason: readText(written['reason']) ?? '',
    // An end that can't be understood is none: the flag stays off until somebody looks.
    ...(until === undefined ? {} : { until }),
  };
}

/** Text that is no JSON is itself. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function readText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function readTime(value: unknown): number | undefined {
  return typeof value === 'string' ? parseInstant(value) : undefined;
}
