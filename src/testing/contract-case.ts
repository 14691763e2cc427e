import type { StoreAbility, StoreHarness } from './store-harness.js';
import type { StoreBench } from './store-bench.js';

/** What a case needs beside a store that can be read. */
export type Need =
  | StoreAbility
  | keyof Pick<
      StoreHarness<unknown>,
      | 'pushesDocuments'
      | 'keepsTexts'
      | 'keepsFleet'
      | 'keepsUsage'
      | 'keepsLeases'
      | 'replaceText'
      | 'empty'
      | 'openEnvironment'
    >;

/** One thing that a store holds to. */
export interface ContractCase {
  /** What the store does, after the name of its group. */
  readonly name: string;
  /** Beside what its group needs. */
  readonly needs?: readonly Need[];
  /** Rejects if the store doesn't do it. */
  readonly run: (bench: StoreBench) => Promise<void>;
}

export interface CaseGroup {
  readonly group: string;
  readonly needs?: readonly Need[];
  readonly cases: readonly ContractCase[];
}
