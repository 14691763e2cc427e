import { compileFlag } from '../evaluation/compile-flag.js';
import type { CompiledFlag } from '../evaluation/compiled-flag.js';
import type { FlagSet } from '../evaluation/flag-set.js';
import type { FlagDefinition } from '../flags/flag-definition.js';
import type { Runtime } from '../runtime/runtime.js';
import type { Snapshot } from '../runtime/snapshot.js';
import { cookieValues } from './cookies.js';
import type { ForcedFlagsOptions } from './forced-flags-options.js';
import { FORCED_COOKIE, FORCED_HEADER, type ForcedToken, readForcedToken } from './forced-token.js';

/** Above this many tokens in one request no more are looked at. */
const MOST_CANDIDATES = 4;

/** For how many choices the flags are kept compiled. A test suite has few at a time. */
const MOST_KEPT = 16;

/** Reads a header of one request by its lower-case name. */
type ReadHeader = (name: string) => string | undefined;

/**
 * Gives a request with a valid token the flags that it chooses, in place of those that serve everyone. A token that is
 * none, or no longer, changes nothing about the answer; it is told at the log's level `debug`.
 *
 * A forced variant stands where a local override does: behind kills and `enabled: false`, before everything else.
 */
export class ForcedFlags {
  readonly #runtime: Runtime;
  readonly #header: string;
  readonly #cookie: string;
  readonly #allowed: ReadonlySet<string> | undefined;
  readonly #accepted: { readonly secrets: readonly string[]; readonly audience: string | undefined };
  /** By the set that serves everyone, so that they go when it goes, and by what was chosen. */
  readonly #kept = new WeakMap<FlagSet, Map<string, FlagSet>>();

  /** @param options checked before */
  constructor(runtime: Runtime, options: ForcedFlagsOptions) {
    const { secret, header = FORCED_HEADER, cookie = FORCED_COOKIE, allow, audience, inProduction } = options;
    this.#runtime = runtime;
    this.#header = header.toLowerCase();
    this.#cookie = cookie;
    this.#allowed = allow && new Set(allow);
    this.#accepted = { secrets: [secret].flat(), audience };
    if (inProduction === true) {
      const message = `Requests with a token in the header ${header} or the cookie ${cookie} choose variants themselves (\`forced\`).`;
      runtime.logger.warn({}, message);
    }
  }

  /** The flags for a request: the same snapshot, unless it brings a token that counts. Never throws. */
  for(snapshot: Snapshot, header: ReadHeader): Snapshot {
    const inHeader = header(this.#header);
    const cookies = header('cookie');
    if (inHeader === undefined && cookies?.includes(this.#cookie) !== true) return snapshot;
    const token = this.#firstValid([
      ...(inHeader === undefined ? [] : [inHeader]),
      ...cookieValues(cookies, this.#cookie),
    ]);
    return token === undefined ? snapshot : { ...snapshot, set: this.#setFor(snapshot.set, token) };
  }

  #firstValid(candidates: readonly string[]): ForcedToken | undefined {
    const { clock, logger } = this.#runtime;
    for (const candidate of candidates.slice(0, MOST_CANDIDATES)) {
      const read = readForcedToken(candidate, this.#accepted, clock.now());
      if ('token' in read) return read.token;
      logger.debug({ why: read.why }, `A token that forces variants was ignored: it is ${read.why}.`);
    }
    return undefined;
  }

  #setFor(set: FlagSet, { flags }: ForcedToken): FlagSet {
    const kept = this.#kept.get(set) ?? new Map<string, FlagSet>();
    this.#kept.set(set, kept);
    const chosen = JSON.stringify([...flags]);
    const known = kept.get(chosen);
    if (known !== undefined) return known;
    const [oldest] = kept.keys();
    if (kept.size >= MOST_KEPT && oldest !== undefined) kept.delete(oldest);
    const made = { ...set, flags: new Map([...set.flags, ...this.#forcedIn(set, flags)]) };
    kept.set(chosen, made);
    return made;
  }

  #forcedIn(set: FlagSet, chosen: ForcedToken['flags']): ReadonlyMap<string, CompiledFlag> {
    const forced = new Map<string, CompiledFlag>();
    for (const [key, variant] of chosen) {
      const flag = set.flags.get(key);
      const { definition } = flag ?? {};
      if (flag === undefined || definition === undefined) this.#ignore(key, 'no flag has this key');
      else if (this.#allowed?.has(key) === false) this.#ignore(key, 'it may not be forced (`allow`)');
      else if (!definition.variants.has(variant)) this.#ignore(key, `it has no variant "${variant}"`);
      else forced.set(key, this.#force(flag, definition, variant, set));
    }
    return forced;
  }

  #force(
    { situation, tallies }: CompiledFlag,
    definition: FlagDefinition,
    variant: string,
    set: FlagSet,
  ): CompiledFlag {
    const { segments } = set;
    const forced = { ...situation, override: variant, isForced: true };
    return compileFlag(definition, forced, { readers: this.#runtime.evaluator.readers, segments }, tallies);
  }

  #ignore(flagKey: string, why: string): void {
    this.#runtime.logger.debug({ flagKey }, `A token forces a variant of \`${flagKey}\`, which was ignored: ${why}.`);
  }
}
