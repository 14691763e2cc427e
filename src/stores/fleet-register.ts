/** What an instance, one running Halyard, tells of itself. */
export interface InstanceReport {
  /** Unique in the fleet, and another after a restart. */
  readonly id: string;
  /** The machine's name, or what the operator calls this instance. */
  readonly host: string;
  readonly pid: number;
  /** Milliseconds since the epoch, by the instance's clock. */
  readonly startedAt: number;
  /** The version of the flags that it serves, `lineage:counter`; `undefined`: none yet. */
  readonly version: string | undefined;
}

/** An instance that lives, as far as its store knows. */
export interface FleetInstance extends InstanceReport {
  /** When it reported last, in milliseconds since the epoch, by the store's clock: instances' clocks may differ. */
  readonly lastContact: number;
}

/** Where the instances that follow one document of a store tell that they live. */
export interface FleetRegister {
  /** Writes an instance down, or renews what it said before. It is forgotten `ttlMs` after its last report. */
  report(instance: InstanceReport, ttlMs: number): Promise<void>;
  /** Forgets an instance at once: it ends in good order. */
  remove(id: string): Promise<void>;
  /** All that haven't been forgotten, in the order of host and id. */
  list(): Promise<readonly FleetInstance[]>;
  /**
   * Notes when flags were last evaluated, in milliseconds since the epoch, by flag key; at most {@link MOST_NOTED} at once.
   * Of several notes of one flag the latest counts, and none is later than now by the store's clock. What is noted outlives
   * whoever noted it, for 400 days; of more than 20,000 flags the longest unused are forgotten first. Absent on a register
   * that keeps no usage.
   *
   * A time that is less than {@link USAGE_STEP_MS} later than what is noted may be passed over: a fleet that evaluates a flag
   * all the time then writes rarely.
   */
  noteUsage?(lastEvaluated: FlagTimes): Promise<void>;
  /** When flags were last evaluated, as far as that was noted. Absent on a register that keeps no usage. */
  usage?(): Promise<FlagTimes>;
}

/** Times by flag key, in milliseconds since the epoch. */
export type FlagTimes = ReadonlyMap<string, number>;

/** How precise usage is, in milliseconds. */
export const USAGE_STEP_MS = 600_000;

/** For how long usage is kept after an evaluation, in milliseconds. */
export const USAGE_LIFE_MS: number = 400 * 86_400_000;

/** How many flags' usage is kept. */
export const MOST_USED = 20_000;

/** How many flags are noted at once, so that no step of a store is long. */
export const MOST_NOTED = 1_000;

/** Whoever was asked keeps no list: an older serving side, or one that was told to keep none. Flags are not affected. */
export class NoFleetListError extends Error {
  override readonly name = 'NoFleetListError';

  /** @param keeper what keeps none, such as a store's name */
  constructor(keeper: string) {
    super(`${keeper} keeps no list of the instances that follow it.`);
  }
}
