import type { Outcome, Rollout, Schedule, Split } from '../flags/flag-definition.js';
import type { Answer } from './answer.js';
import { asUnit, boundary, createRing, isInSlice, pointOn, type Ring, splitBoundaries } from './bucketing.js';
import type { Ending, Trace } from './compiled-flag.js';
import type { FlagAnswers, OutcomeAnswers } from './flag-answers.js';
import type { AttributeReader, AttributeReaders, EvaluationContext } from './evaluation-context.js';
import { isTimed, percentageAt } from './schedule.js';

export function compileEnding(outcome: Outcome, answers: OutcomeAnswers, readers: AttributeReaders): Ending {
  switch (outcome.type) {
    case 'serve': {
      const answer = answers.serve(outcome.variant);
      return () => answer;
    }
    case 'rollout': {
      const { rollout } = outcome;
      return compileRollout(
        rollout,
        answers.placedIn(rollout.variant),
        answers.placedOut(rollout.otherwise),
        answers,
        readers,
      );
    }
    case 'split':
      return compileSplit(outcome.split, answers.notInSplit(answers.flag.definition.offVariant), answers, readers);
    case 'experiment': {
      const { rollout, split } = outcome;
      const notInSplit = answers.notInSplit(rollout.otherwise);
      return compileRollout(rollout, compileSplit(split, notInSplit, answers, readers), notInSplit, answers, readers);
    }
  }
}

/** A place that needs a bucket: where the unit is read, and its ring. */
class Bucket {
  readonly by: string;
  readonly seed: string;
  readonly read: AttributeReader;
  readonly ring: Ring;
  readonly #missing: Answer;
  readonly #answers: FlagAnswers;

  constructor(by: string, seed: string, missing: Answer, answers: OutcomeAnswers, readers: AttributeReaders) {
    this.by = by;
    this.seed = seed;
    this.read = readers.of(by);
    this.ring = createRing(seed);
    this.#missing = missing;
    this.#answers = answers.flag;
  }

  /** The answer to a context without a unit: without a targeting key that is an error, without another attribute it is not. */
  missingUnit(trace: Trace | undefined): Answer {
    const answer = this.by === 'targetingKey' ? this.#answers.targetingKeyMissing() : this.#missing;
    trace?.missingUnit(this.by, answer);
    return answer;
  }
}

function compileRollout(
  rollout: Rollout,
  placedIn: Answer | Ending,
  out: Answer,
  answers: OutcomeAnswers,
  readers: AttributeReaders,
): Ending {
  const { schedule, offset } = rollout;
  const bucket = new Bucket(rollout.by, rollout.seed, out, answers, readers);
  if (!isTimed(schedule)) return fixedRollout(percentageAt(schedule, 0), offset, bucket, placedIn, out);
  return timedRollout(schedule, offset, bucket, placedIn, out);
}

function fixedRollout(
  percentage: number,
  offset: number,
  bucket: Bucket,
  placedIn: Answer | Ending,
  out: Answer,
): Ending {
  if (percentage <= 0 || percentage >= 100) {
    return (context, now, trace) => {
      trace?.rollout(bucket, undefined, offset, percentage, percentage >= 100);
      return percentage >= 100 ? conclude(placedIn, context, now, trace) : out;
    };
  }
  const start = boundary(offset);
  const end = boundary(offset + percentage);
  // A slice that goes on at 0 is rare, and asked about last.
  const wrapped = Math.max(end - boundary(100), 0);
  return (context, now, trace) => {
    const unit = asUnit(bucket.read(context));
    if (unit === undefined) return bucket.missingUnit(trace);
    const point = pointOn(bucket.ring, unit);
    const isIn = (point >= start && point < end) || point < wrapped;
    trace?.rollout(bucket, point, offset, percentage, isIn);
    return isIn ? conclude(placedIn, context, now, trace) : out;
  };
}

function timedRollout(
  schedule: Schedule,
  offset: number,
  bucket: Bucket,
  placedIn: Answer | Ending,
  out: Answer,
): Ending {
  const { read, ring } = bucket;
  return (context, now, trace) => {
    const percentage = percentageAt(schedule, now);
    let point: number | undefined;
    let isIn = percentage >= 100;
    if (percentage > 0 && percentage < 100) {
      const unit = asUnit(read(context));
      if (unit === undefined) return bucket.missingUnit(trace);
      point = pointOn(ring, unit);
      isIn = isInSlice(point, offset, percentage);
    }
    trace?.rollout(bucket, point, offset, percentage, isIn);
    return isIn ? conclude(placedIn, context, now, trace) : out;
  };
}

/** Who is in a rollout gets its answer, or what a split says. An answer needs no function of its own, one for each flag. */
function conclude(
  placedIn: Answer | Ending,
  context: EvaluationContext,
  now: number,
  trace: Trace | undefined,
): Answer {
  return typeof placedIn === 'function' ? placedIn(context, now, trace) : placedIn;
}

function compileSplit(split: Split, notInSplit: Answer, answers: OutcomeAnswers, readers: AttributeReaders): Ending {
  const bucket = new Bucket(split.by, `${split.seed}:split`, notInSplit, answers, readers);
  const variants = Array.from(split.weights.keys(), (variant) => answers.placedIn(variant));
  const weights = [...split.weights.values()];
  const positive = variants.filter((_, index) => (weights[index] ?? 0) > 0);
  const [only] = positive;
  if (positive.length === 1 && only !== undefined) {
    return (_context, _now, trace) => {
      trace?.split(bucket, undefined, split, only);
      return only;
    };
  }
  const boundaries = splitBoundaries(weights);
  const { read, ring } = bucket;
  return (context, _now, trace) => {
    const unit = asUnit(read(context));
    if (unit === undefined) return bucket.missingUnit(trace);
    const point = pointOn(ring, unit);
    let index = 0;
    while (point >= (boundaries[index] ?? Infinity)) index += 1;
    const answer = variants[index] ?? notInSplit;
    trace?.split(bucket, point, split, answer);
    return answer;
  };
}
