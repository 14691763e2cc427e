import type { Split } from '../flags/flag-definition.js';
import type { VariantValue } from '../flags/flag-document.js';
import { showValue } from '../flags/show-value.js';
import type { Answer, ErrorCode, Reason } from './answer.js';
import type { ConditionScope } from './compile-condition.js';
import type { CompiledFlag, CompiledPrerequisite, CompiledRule, Trace } from './compiled-flag.js';
import type { BucketSource } from './ending.js';
import { evaluateFlag } from './evaluate.js';
import type { EvaluationContext } from './evaluation-context.js';
import { type ExplainedCondition, explainCondition } from './explain-condition.js';

/** How a flag came to its answer. `toString()` prints it for people. */
export interface Explanation {
  readonly flagKey: string;
  /** `undefined`: the caller's default. */
  readonly value: VariantValue | undefined;
  readonly variant: string | undefined;
  readonly reason: Reason;
  readonly errorCode: ErrorCode | undefined;
  readonly errorMessage: string | undefined;
  /** Every step that was taken, in order; the last decided. */
  readonly steps: readonly ExplanationStep[];
  toString(): string;
}

export interface ExplanationStep {
  readonly step: 'settled' | 'prerequisite' | 'targets' | 'rule' | 'rollout' | 'split' | 'outcome' | 'error';
  /** Whether the step decided, or let the unit into what follows it. */
  readonly applies: boolean;
  readonly text: string;
  /** The conditions of a rule, each with its result. */
  readonly condition?: ExplainedCondition;
  /** Where the unit stands on its ring. */
  readonly bucket?: ExplainedBucket;
}

export interface ExplainedBucket {
  /** The attribute that was bucketed. */
  readonly by: string;
  readonly seed: string;
  /** The unit's 32-bit point. */
  readonly point: number;
  /** The same in percent of the ring. */
  readonly percentage: number;
}

/** Evaluates a flag as always, and writes down each step. */
export function explainFlag(
  flag: CompiledFlag,
  flags: ReadonlyMap<string, CompiledFlag>,
  context: EvaluationContext,
  now: number,
  scope: ConditionScope,
): Explanation {
  const trace = new StepTrace(flag, context, scope);
  const answer = evaluateFlag(flag, flags, context, now, trace);
  return createExplanation(flag.key, answer, trace.steps);
}

/** An explanation of an answer that no flag gave. */
export function createExplanation(flagKey: string, answer: Answer, steps: readonly ExplanationStep[]): Explanation {
  const { value, variant, reason, errorCode, errorMessage } = answer;
  const explanation = { flagKey, value, variant, reason, errorCode, errorMessage, steps };
  return { ...explanation, toString: () => print(explanation) };
}

/** Writes down the steps of one evaluation. */
class StepTrace implements Trace {
  readonly steps: ExplanationStep[] = [];
  readonly #flag: CompiledFlag;
  readonly #context: EvaluationContext;
  readonly #scope: ConditionScope;

  constructor(flag: CompiledFlag, context: EvaluationContext, scope: ConditionScope) {
    this.#flag = flag;
    this.#context = context;
    this.#scope = scope;
  }

  settled(answer: Answer, until?: number): void {
    const { reason, errorMessage } = answer;
    const why = {
      DISABLED: until === undefined ? this.#whyDisabled() : 'killed',
      OVERRIDE: this.#flag.situation.isForced === true ? 'overridden for this request' : 'overridden on this instance',
      ERROR: errorMessage ?? 'error',
    };
    const text = reason in why ? why[reason as keyof typeof why] : reason;
    const end = until === undefined ? '' : ` until ${new Date(until).toISOString()}`;
    this.steps.push({ step: reason === 'ERROR' ? 'error' : 'settled', applies: true, text: text + end });
  }

  #whyDisabled(): string {
    return this.#flag.definition?.enabled === false ? 'enabled: false' : 'killed';
  }

  prerequisite({ flag, variant }: CompiledPrerequisite, isMet: boolean): void {
    const text = `requires ${flag} to serve ${variant}: ${isMet ? 'it does' : 'it does not'}`;
    this.steps.push({ step: 'prerequisite', applies: !isMet, text });
  }

  targets(unit: string | undefined, target: Answer | undefined): void {
    const who = unit === undefined ? 'no targeting key' : `unit ${showValue(unit)}`;
    const text =
      target === undefined ? `${who} is not among the targets` : `${who} is a target of ${showVariant(target)}`;
    this.steps.push({ step: 'targets', applies: target !== undefined, text });
  }

  rule(rule: CompiledRule, applies: boolean): void {
    const index = this.#flag.rules.indexOf(rule);
    const { name, from = -Infinity, until = Infinity } = rule.definition;
    const times = [
      from > -Infinity ? ` from ${new Date(from).toISOString()}` : '',
      until < Infinity ? ` until ${new Date(until).toISOString()}` : '',
    ].join('');
    const text = `rule ${index + 1}${name === undefined ? '' : ` "${name}"`}${times}`;
    const condition = explainCondition(rule.definition.condition, this.#context, this.#scope);
    this.steps.push({ step: 'rule', applies, text, condition });
  }

  otherwise(): void {
    const { outcome, situation } = this.#flag;
    if (outcome?.type === 'serve') {
      this.steps.push({ step: 'outcome', applies: true, text: `everyone else: ${outcome.variant}` });
    } else if (situation.percentage !== undefined) {
      const text = `the watched rollout has come to ${showPercentage(situation.percentage)}`;
      this.steps.push({ step: 'outcome', applies: true, text });
    }
  }

  rollout(source: BucketSource, point: number | undefined, offset: number, percentage: number, applies: boolean): void {
    const slice = offset === 0 ? '' : ` from ${showPercentage(offset)} on`;
    const text = `rollout of ${showPercentage(percentage)}${slice}: ${applies ? 'in' : 'out'}`;
    this.steps.push(withBucket({ step: 'rollout', applies, text }, source, point));
  }

  split(source: BucketSource, point: number | undefined, split: Split, answer: Answer): void {
    const shares = Array.from(split.weights, ([variant, weight]) => `${variant} ${weight}`).join(', ');
    const text = `split { ${shares} }: ${showVariant(answer)}`;
    this.steps.push(withBucket({ step: 'split', applies: true, text }, source, point));
  }

  missingUnit(by: string, answer: Answer): void {
    const text = `no ${by} to bucket by: ${answer.errorCode ?? showVariant(answer)}`;
    this.steps.push({ step: answer.errorCode === undefined ? 'rollout' : 'error', applies: false, text });
  }
}

function withBucket(step: ExplanationStep, { by, seed }: BucketSource, point: number | undefined): ExplanationStep {
  return point === undefined ? step : { ...step, bucket: { by, seed, point, percentage: (point / 2 ** 32) * 100 } };
}

function print({ flagKey, value, variant, reason, errorCode, steps }: Omit<Explanation, 'toString'>): string {
  const byDefault = reason === 'DISABLED' ? "false for a boolean, else the caller's default" : "the caller's default";
  const served = value === undefined ? byDefault : JSON.stringify(value);
  const facts = [variant === undefined ? undefined : `variant ${variant}`, reason, errorCode].filter(
    (fact) => fact !== undefined,
  );
  return [`${flagKey} = ${served} (${facts.join(', ')})`, ...steps.flatMap(printStep)].join('\n');
}

function printStep({ step, applies, text, condition, bucket }: ExplanationStep): readonly string[] {
  const place =
    bucket === undefined
      ? ''
      : ` (${bucket.by} is at ${showPercentage(bucket.percentage)} of ring "${bucket.seed}", point ${bucket.point})`;
  return [
    `  ${mark(applies && step !== 'error')} ${text}${place}`,
    ...(condition === undefined ? [] : printCondition(condition, '      ')),
  ];
}

function printCondition({ holds, text, found, parts }: ExplainedCondition, indent: string): readonly string[] {
  const line = `${indent}${mark(holds)} ${text}${found === undefined ? '' : `, found ${found}`}`;
  return [line, ...parts.flatMap((part) => printCondition(part, `${indent}  `))];
}

function mark(holds: boolean): string {
  return holds ? '✓' : '✗';
}

function showVariant({ variant }: Answer): string {
  return variant ?? "the caller's default";
}

function showPercentage(percentage: number): string {
  return `${Number(percentage.toFixed(4))} %`;
}
