import { asUnit, boundary, createRing, pointOn } from '../evaluation/bucketing.js';
import type { AttributeReader } from '../evaluation/evaluation-context.js';
import type { EvaluationEvent } from '../runtime/events.js';
import { harmless } from '../runtime/harmless.js';
import { consoleLogger, type Logger } from '../runtime/logger.js';
import type { Runtime } from '../runtime/runtime.js';
import { checkDecisionLogOptions, type DecisionLogOptions } from './decision-log-options.js';
import { pseudonym } from './pseudonym.js';

/** The ring on which units are sampled. No flag's key has a colon, so no flag's rollout goes along with the sample. */
const SEED = 'halyard:decision-log';

/** The longest flag key or request id that is logged, in UTF-16 units: both can come from outside. */
const LONGEST_TEXT = 128;

/**
 * Logs a sample of the decisions that a runtime makes: which flag, which answer and why, in which request, and for which
 * unit under a pseudonym. Neither a context nor a unit as it is ever gets into the log.
 *
 * @param logger where it writes unless the options name another, and where it complains
 * @param random a number in [0, 1): decides on evaluations that have no unit
 * @returns the function that ends it
 * @throws TypeError for an option that is unknown or wrong
 */
export function startDecisionLog(
  options: DecisionLogOptions,
  runtime: Runtime,
  logger: Logger,
  random: () => number = Math.random,
): () => void {
  checkDecisionLogOptions(options);
  const { sampleRate = 0.01, key, flags, level = 'info', logger: target = logger } = options;
  if (target === consoleLogger) {
    logger.warn(
      {},
      'The decision log writes nothing: the default logger drops info and debug. Set `decisionLog.logger`.',
    );
  }
  if (sampleRate === 0) return () => undefined;
  const isLogged = flags === undefined ? () => true : listed(flags);
  const isSampled = createSampler(sampleRate, random);
  const readUnit = unitReader(runtime.evaluator.readers.of('targetingKey'));
  const log = harmless((fields: object) => target[level](fields, 'Flag evaluated'));

  return runtime.listeners.on('evaluation', (event) => {
    if (!isLogged(event.flagKey)) return;
    const unit = readUnit(event.context);
    if (!isSampled(unit)) return;
    log(describe(event, unit === undefined || key === undefined ? undefined : pseudonym(key, unit)));
  });
}

function listed(flags: readonly string[]): (flagKey: string) => boolean {
  const keys = new Set(flags);
  return (flagKey) => keys.has(flagKey);
}

function createSampler(rate: number, random: () => number): (unit: string | undefined) => boolean {
  if (rate === 1) return () => true;
  const ring = createRing(SEED);
  const end = boundary(rate * 100);
  return (unit) => (unit === undefined ? random() < rate : pointOn(ring, unit) < end);
}

/** A context can throw when it is read: a getter, a proxy. */
function unitReader(read: AttributeReader): (context: EvaluationEvent['context']) => string | undefined {
  return (context) => {
    try {
      return asUnit(read(context));
    } catch {
      return undefined;
    }
  };
}

function describe(event: EvaluationEvent, unit: string | undefined): object {
  const { flagKey, variant, reason, errorCode, rule, version, assignment, request } = event;
  const fields = {
    flagKey: flagKey.slice(0, LONGEST_TEXT),
    variant,
    reason,
    errorCode,
    rule,
    version,
    route: request?.route,
    requestId: request?.id?.slice(0, LONGEST_TEXT),
    unit,
    assignment,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
