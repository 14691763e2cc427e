import type { Outcome, Rollout, Schedule, Split } from '../flags/flag-definition.js';
import { type Answer, errorAnswer, type FlagTallies } from './answer.js';
import { asUnit, boundary, createRing, isInSlice, pointOn, type Ring, splitBoundaries } from './bucketing.js';
import { type BucketTrace, conclude, type Ending } from './ending.js';
import type { AttributeReader, AttributeReaders } from './evaluation-context.js';
import type { OutcomeAnswers } from './flag-answers.js';
import { isTimed, percentageAt } from './schedule.js';

export function compileEnding(outcome: Outcome, answers: OutcomeAnswers, readers: AttributeReaders): Ending {
  switch (outcome.type) {
    case 'serve':
      return answers.serve(outcome.variant);
    case 'rollout': {
      const { rollout } = outcome;
      return compileRollout(rollout, answers.placedIn(rollout.variant), answers.placedOut(rollout.otherwise), readers);
    }
    case 'split':
      return compileSplit(outcome.split, answers.notInSplit(answers.flag.definition.offVariant), answers, readers);
    case 'experiment': {
      const { rollout, split } = outcome;
      const notInSplit = answers.notInSplit(rollout.otherwise);
      return compileRollout(rollout, compileSplit(split, notInSplit, answers, readers), notInSplit, readers);
    }
  }
}

/** A place that needs a bucket: where the unit is read, and its ring. */
class Bucket {
  readonly by: string;
  readonly seed: string;
  readonly read: AttributeReader;
  readonly ring: Ring;
  readonly #tallies: FlagTallies;
  #missing: Answer | undefined;

  /** @param out the answer to a context that lacks the attribute, unless it is the targeting key */
  constructor(by: string, seed: string, out: Answer, readers: AttributeReaders) {
    this.by = by;
    this.seed = seed;
    this.read = readers.of(by);
    this.ring = createRing(seed);
    this.#tallies = out.tallies;
    this.#missing = by === 'targetingKey' ? undefined : out;
  }

  /**
   * The answer to a context without a unit: without a targeting key that is an error, without another attribute it is not.
   * The error is made when it first happens; mostly it never does.
   */
  missingUnit(trace: BucketTrace | undefined): Answer {
    this.#missing ??= errorAnswer(
      'TARGETING_KEY_MISSING',
      'The evaluation context has no targeting key.',
      this.#tallies,
    );
    trace?.missingUnit(this.by, this.#missing);
    return this.#missing;
  }
}

function compileRollout(rollout: Rollout, placedIn: Ending, out: Answer, readers: AttributeReaders): Ending {
  const { schedule, offset } = rollout;
  const bucket = new Bucket(rollout.by, rollout.seed, out, readers);
  if (!isTimed(schedule)) return fixedRollout(percentageAt(schedule, 0), offset, bucket, placedIn, out);
  return timedRollout(schedule, offset, bucket, placedIn, out);
}

function fixedRollout(percentage: number, offset: number, bucket: Bucket, placedIn: Ending, out: Answer): Ending {
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

function timedRollout(schedule: Schedule, offset: number, bucket: Bucket, placedIn: Ending, out: Answer): Ending {
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

function compileSplit(split: Split, notInSplit: Answer, answers: OutcomeAnswers, readers: AttributeReaders): Ending {
  const bucket = new Bucket(split.by, `${split.seed}:split`, notInSplit, readers);
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
