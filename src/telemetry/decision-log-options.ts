import { checkOptions, hasMethods, isListOfTexts, type OptionChecks } from '../options/check-options.js';
import type { Logger } from '../runtime/logger.js';
import { isLongKey, SHORTEST_KEY_BYTES } from './pseudonym.js';

export interface DecisionLogOptions {
  /**
   * The share of units that are logged, from 0 to 1. A unit is in or out for all flags, always and on every instance,
   * so that its decisions stay together. Default: 0.01.
   */
  readonly sampleRate?: number | undefined;
  /** Where decisions go, pino-shaped. Default: the Halyard's logger. */
  readonly logger?: Logger | undefined;
  /**
   * The secret under which units appear as pseudonyms: at least 16 bytes. The same key gives the same pseudonyms, on
   * every instance. Default: none, and no units in the log.
   */
  readonly key?: string | Uint8Array | undefined;
  /** The keys of the flags whose decisions are logged. Default: all. */
  readonly flags?: readonly string[] | undefined;
  /** Default: `info`. */
  readonly level?: 'info' | 'debug' | undefined;
}

const checks: OptionChecks<DecisionLogOptions> = {
  sampleRate: {
    allowed: 'a number from 0 to 1',
    isRight: (value) => typeof value === 'number' && value >= 0 && value <= 1,
  },
  logger: {
    allowed: 'a logger with debug, info, warn and error',
    isRight: hasMethods('debug', 'info', 'warn', 'error'),
  },
  key: { allowed: `a text or bytes, at least ${SHORTEST_KEY_BYTES} bytes long`, isRight: isLongKey, isSecret: true },
  flags: { allowed: 'a list of flag keys, at least one', isRight: (value) => isListOfTexts(value) && value.length > 0 },
  level: { allowed: 'info or debug', isRight: (value) => value === 'info' || value === 'debug' },
};

/** @throws TypeError that names the option, what came and what is allowed; never what a key is */
export function checkDecisionLogOptions(options: DecisionLogOptions): void {
  checkOptions('decisionLog', options, checks);
}
