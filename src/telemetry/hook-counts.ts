import { evaluationLabels } from './evaluation-labels.js';
import { OTHER_FLAG, UNKNOWN_FLAG } from './flag-key-label.js';
import type { EvaluationEnd } from './is-counted-by-halyard.js';
import { errorCodeOf, providerErrors } from './provider-errors.js';
import type { Sample } from './shared-metric.js';

/** How many series a hook makes. Whatever providers invent, a process can't grow without end. */
const MOST_SERIES = 10_000;

/** The longest key or variant that becomes a label, in UTF-16 units. */
const LONGEST_LABEL = 256;

const REASONS: ReadonlySet<string> = new Set([
  'STATIC',
  'DEFAULT',
  'TARGETING_MATCH',
  'SPLIT',
  'CACHED',
  'DISABLED',
  'UNKNOWN',
  'STALE',
  'ERROR',
  'OVERRIDE',
  'PREREQUISITE_FAILED',
]);

/** OpenFeature's error codes, and whether one says that the flag exists. */
const ERROR_CODES: ReadonlyMap<string, boolean> = new Map([
  ['PROVIDER_NOT_READY', false],
  ['PROVIDER_FATAL', false],
  ['FLAG_NOT_FOUND', false],
  ['PARSE_ERROR', true],
  ['TYPE_MISMATCH', true],
  ['TARGETING_KEY_MISSING', true],
  ['INVALID_CONTEXT', true],
  ['GENERAL', false],
]);

interface Count {
  readonly labels: Sample['labels'];
  value: number;
}

/**
 * Counts evaluations of providers that can't be trusted to keep labels few: a key becomes a label once a provider has
 * resolved it or said that it exists, and series end at a limit.
 */
export class HookCounts {
  readonly #counts = new Map<string, Count>();
  readonly #knownKeys = new Set<string>();

  count(end: EvaluationEnd & { readonly flagKey: string }, error: unknown): void {
    const errorCode = end.errorCode === undefined ? undefined : knownErrorCode(end.errorCode, error);
    const reason = REASONS.has(end.reason ?? 'UNKNOWN') ? (end.reason ?? 'UNKNOWN') : 'other';
    const variant = end.variant === undefined || isLabel(end.variant) ? end.variant : OTHER_FLAG;
    const labels = evaluationLabels(this.#flagKey(end.flagKey, errorCode), variant, reason, errorCode);
    if (!this.#increment(labels, MOST_SERIES)) {
      this.#increment(evaluationLabels(OTHER_FLAG, undefined, reason, errorCode), Infinity);
    }
  }

  samples(): Iterable<Sample> {
    return this.#counts.values();
  }

  #flagKey(key: string, errorCode: string | undefined): string {
    if (errorCode === 'FLAG_NOT_FOUND') return UNKNOWN_FLAG;
    if (this.#knownKeys.has(key)) return key;
    if (errorCode !== undefined && ERROR_CODES.get(errorCode) !== true) return UNKNOWN_FLAG;
    if (!isLabel(key) || this.#knownKeys.size >= MOST_SERIES) return OTHER_FLAG;
    this.#knownKeys.add(key);
    return key;
  }

  /** @returns false if there would be more series than `most` */
  #increment(labels: Sample['labels'], most: number): boolean {
    const key = Object.values(labels).join('\0');
    const count = this.#counts.get(key);
    if (count !== undefined) count.value += 1;
    else if (this.#counts.size >= most) return false;
    else this.#counts.set(key, { labels, value: 1 });
    return true;
  }
}

/** Of several providers' errors it is the last that decided. */
function knownErrorCode(written: string, error: unknown): string {
  const code = errorCodeOf(providerErrors(error)?.at(-1)) ?? written;
  return ERROR_CODES.has(code) ? code : 'GENERAL';
}

function isLabel(text: string): boolean {
  return text.length <= LONGEST_LABEL && !controlCharacter.test(text);
}

const controlCharacter = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
