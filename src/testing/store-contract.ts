import {
  checkOptions,
  isBoolean,
  isDuration,
  isFunction,
  isObject,
  type OptionChecks,
} from '../options/check-options.js';
import type { CaseGroup, ContractCase, Need } from './contract-case.js';
import { aboutItself } from './contract/about-itself.js';
import { changingTheDocument } from './contract/changing-the-document.js';
import { changingTheState } from './contract/changing-the-state.js';
import { closing } from './contract/closing.js';
import { conflicts } from './contract/conflicts.js';
import { emptied } from './contract/emptied.js';
import { environments } from './contract/environments.js';
import { fleet } from './contract/fleet.js';
import { history } from './contract/history.js';
import { leases } from './contract/leases.js';
import { loading } from './contract/loading.js';
import { pastTheStore } from './contract/past-the-store.js';
import { pushing } from './contract/pushing.js';
import { refusing } from './contract/refusing.js';
import { rolloutProgress } from './contract/rollout-progress.js';
import { trips } from './contract/trips.js';
import { usage } from './contract/usage.js';
import { versions } from './contract/versions.js';
import { watching } from './contract/watching.js';
import { Deadline } from './deadline.js';
import { createBench } from './store-bench.js';
import type { StoreHarness } from './store-harness.js';

/** One case of the contract, for any test runner. */
export interface StoreCase {
  /** E.g. `conflicts: loses nothing when two write at once`. Unique. Of a case that is left out, it tells why. */
  readonly name: string;
  /** The part of the contract, e.g. `conflicts`. */
  readonly group: string;
  /** Why the case is left out; `undefined`: it is not. `run` of such a case rejects, so that none passes unseen. */
  readonly skip: string | undefined;
  /** How long the runner should wait, in milliseconds: a little longer than the case, which tells what it waited for. */
  readonly timeoutMs: number;
  /** Rejects if the store doesn't hold to it. Takes no arguments, and asserts with `node:assert`. */
  readonly run: () => Promise<void>;
}

/**
 * What every flag store holds to, as cases for any test runner:
 *
 * ```ts
 * for (const { name, skip, timeoutMs, run } of storeContract({ create, open, remove })) {
 *   test.skipIf(skip)(name, run, timeoutMs); // Vitest
 * }
 * ```
 *
 * @throws TypeError for a harness that can't be meant.
 */
export function storeContract<Storage>(harness: StoreHarness<Storage>): readonly StoreCase[] {
  checkOptions('storeContract', harness, checks);
  for (const name of ['create', 'open'] as const) {
    if (!isFunction(harness[name])) throw new TypeError(`storeContract: the harness needs the function \`${name}\`.`);
  }
  checkOptions('storeContract', harness.without ?? {}, reasons);
  return groups.flatMap((group) => group.cases.map((one) => storeCase(harness, group, one)));
}

const groups: readonly CaseGroup[] = [
  aboutItself,
  loading,
  changingTheDocument,
  refusing,
  changingTheState,
  rolloutProgress,
  trips,
  versions,
  conflicts,
  history,
  pushing,
  watching,
  pastTheStore,
  emptied,
  environments,
  fleet,
  usage,
  leases,
  closing,
];

const aFunction = { allowed: 'a function', isRight: isFunction };

const checks: OptionChecks<StoreHarness<never>> = {
  create: aFunction,
  open: aFunction,
  remove: aFunction,
  without: { allowed: 'an object: what the store does not do, and why', isRight: isObject },
  pushesDocuments: { allowed: 'true or false', isRight: isBoolean },
  keepsTexts: { allowed: 'true or false', isRight: isBoolean },
  keepsFleet: { allowed: 'true or false', isRight: isBoolean },
  keepsUsage: { allowed: 'true or false', isRight: isBoolean },
  keepsLeases: { allowed: 'true or false', isRight: isBoolean },
  replaceText: aFunction,
  empty: aFunction,
  openEnvironment: aFunction,
  timeoutMs: { allowed: 'a number of milliseconds above 0, of at most 24 days', isRight: isDuration },
};

const aReason = {
  allowed: 'the reason why the store does not do it',
  isRight: (value: unknown): boolean => typeof value === 'string' && value !== '',
};

const reasons: OptionChecks<NonNullable<StoreHarness<never>['without']>> = {
  writing: aReason,
  watching: aReason,
  history: aReason,
};

/** How much longer than the case the runner waits, in milliseconds: for closing its stores, too. */
const cleanUpMs = 10_000;

function storeCase<Storage>(
  harness: StoreHarness<Storage>,
  { group, needs = [] }: CaseGroup,
  one: ContractCase,
): StoreCase {
  const { timeoutMs = 120_000 } = harness;
  const skip = [...needs, ...(one.needs ?? [])].map((need) => reasonWithout(harness, need)).find(Boolean);
  const name = `${group}: ${one.name}`;
  return {
    group,
    skip,
    name: skip === undefined ? name : `${name} (left out: ${skip})`,
    timeoutMs: timeoutMs + cleanUpMs,
    run: () =>
      skip === undefined ? runCase(harness, one, timeoutMs) : Promise.reject(new Error(`Left out: ${skip}.`)),
  };
}

function reasonWithout<Storage>(harness: StoreHarness<Storage>, need: Need): string | undefined {
  if (need === 'writing' || need === 'watching' || need === 'history') return harness.without?.[need];
  return harness[need] === undefined || harness[need] === false ? `the harness has no \`${need}\`` : undefined;
}

async function runCase<Storage>(
  harness: StoreHarness<Storage>,
  { run }: ContractCase,
  timeoutMs: number,
): Promise<void> {
  const deadline = new Deadline(timeoutMs);
  const bench = createBench(harness, deadline);
  try {
    await deadline.hold(run(bench));
  } catch (error) {
    // What went wrong is told, not what followed from it.
    await bench.close().catch(() => undefined);
    throw error;
  } finally {
    deadline.end();
  }
  await bench.close();
}
