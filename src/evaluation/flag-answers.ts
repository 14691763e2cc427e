import type { FlagDefinition } from '../flags/flag-definition.js';
import type { Answer, Assignment, FlagTallies, Reason } from './answer.js';

/** Makes the answers of one flag. */
export class FlagAnswers {
  readonly definition: FlagDefinition;
  readonly #tallies: FlagTallies;

  constructor(definition: FlagDefinition, tallies: FlagTallies) {
    this.definition = definition;
    this.#tallies = tallies;
  }

  /** @param variant `undefined`: the caller's default */
  make(variant: string | undefined, reason: Reason, rule?: string | number, assignment?: Assignment): Answer {
    return {
      value: variant === undefined ? undefined : this.definition.variants.get(variant),
      type: variant === undefined ? undefined : this.definition.valueType,
      variant,
      reason,
      errorCode: undefined,
      errorMessage: undefined,
      rule,
      assignment,
      tallies: this.#tallies,
      tally: undefined,
    };
  }
}

/** Makes the answers of one outcome: a rule's, or the flag's own. */
export class OutcomeAnswers {
  readonly flag: FlagAnswers;
  readonly #rule: string | number | undefined;
  readonly #served: Reason;

  /**
   * @param rule the name or place of the rule; `undefined`: the flag's own outcome
   * @param served why a variant is served that neither a rollout nor a split chose
   */
  constructor(flag: FlagAnswers, rule: string | number | undefined, served: Reason) {
    this.flag = flag;
    this.#rule = rule;
    this.#served = served;
  }

  serve(variant: string): Answer {
    return this.flag.make(variant, this.#served, this.#rule, this.#rule === undefined ? undefined : 'targeted');
  }

  /** The unit is in a rollout, or placed by a split. */
  placedIn(variant: string): Answer {
    return this.flag.make(variant, 'SPLIT', this.#rule, this.#assignment('in'));
  }

  /** The unit is not in a rollout; `undefined`: the caller's default. */
  placedOut(variant: string | undefined): Answer {
    return this.flag.make(variant, 'SPLIT', this.#rule, this.#assignment('out'));
  }

  /** The unit takes no part in a split; `undefined`: the caller's default. */
  notInSplit(variant: string | undefined): Answer {
    return this.flag.make(variant, 'DEFAULT', this.#rule, this.#assignment('out'));
  }

  /** What a rule decides is targeted, also where its rollout or split does. */
  #assignment(placed: Assignment): Assignment {
    return this.#rule === undefined ? placed : 'targeted';
  }
}
