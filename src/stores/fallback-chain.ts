import { emptyFlagState, type FlagState, isSameState, type Kill } from '../flags/flag-state.js';
import { showError } from '../flags/show-value.js';
import type { FallbackSource } from './fallback-source.js';
import { DocumentUnreadableError, type StoredFlags, type StoredFrom } from './flag-store.js';

/** Chooses which of several sources is followed. */
export class FallbackChain {
  readonly first: FallbackSource;
  readonly #sources: readonly FallbackSource[];
  readonly #returnAfterMs: number;
  #active: FallbackSource;
  /** What earlier sources were known to kill at the last load. */
  #held: FlagState = emptyFlagState;

  /** @param returnAfterMs how long an earlier source must have answered again before it is followed, in milliseconds */
  constructor(sources: readonly [FallbackSource, ...FallbackSource[]], returnAfterMs: number) {
    const [first] = sources;
    this.first = first;
    this.#sources = sources;
    this.#returnAfterMs = returnAfterMs;
    this.#active = first;
  }

  get sources(): readonly FallbackSource[] {
    return this.#sources;
  }

  /** The one that is followed. */
  get active(): FallbackSource {
    return this.#active;
  }

  /** Whether a source comes before the one that is followed. */
  isEarlier(source: FallbackSource): boolean {
    return this.#earlier().includes(source);
  }

  /** Reads the source that is followed, or the first other one that answers. */
  async load(): Promise<StoredFlags> {
    // Not waited for: whoever is away holds up nobody who is there.
    for (const source of this.#earlier()) if (!this.#isTrusted(source)) void source.probe();
    const failures = new Map<FallbackSource, unknown>();
    for (const source of this.#inOrder()) {
      try {
        const stored = await source.load();
        this.#active = source;
        this.#held = this.#heldEarlier();
        return { ...stored, state: withState(stored.state, this.#held), source: this.#describe(failures) };
      } catch (error) {
        failures.set(source, error);
      }
    }
    throw this.#failure(failures);
  }

  /** Asks the earlier sources whether they are back. Resolves with whether there is something new to load. */
  async probe(): Promise<boolean> {
    const earlier = this.#earlier();
    await Promise.all(earlier.map((source) => source.probe()));
    return earlier.some((source) => this.#isTrusted(source)) || !isSameState(this.#held, this.#heldEarlier());
  }

  /** The first source took a change: it is followed from now on. */
  follow(stored: StoredFlags): StoredFlags {
    this.first.answered(stored.state);
    this.#active = this.first;
    return { ...stored, source: { name: this.first.store.name } };
  }

  /** What the sources before the one that is followed were last known to kill. */
  #heldEarlier(): FlagState {
    return this.#earlier().reduceRight((held, { state }) => withState(held, state), emptyFlagState);
  }

  /** Those before the one that is followed. */
  #earlier(): readonly FallbackSource[] {
    return this.#sources.slice(0, this.#sources.indexOf(this.#active));
  }

  #isTrusted(source: FallbackSource): boolean {
    return source.answersForMs >= this.#returnAfterMs;
  }

  #inOrder(): ReadonlySet<FallbackSource> {
    return new Set([...this.#earlier().filter((source) => this.#isTrusted(source)), this.#active, ...this.#sources]);
  }

  #describe(failures: ReadonlyMap<FallbackSource, unknown>): StoredFrom {
    const { name } = this.#active.store;
    if (this.#active === this.first) return { name };
    const because =
      failures.size === 0 ? `${this.first.store.name} is away.` : [...failures.values()].map(showError).join(' ');
    return { name, because };
  }

  #failure(failures: ReadonlyMap<FallbackSource, unknown>): Error {
    const errors = [...failures.values()];
    const message = `none of its sources can be read.\n${errors.map(showError).join('\n')}`;
    const unreadable = errors.find((error) => error instanceof DocumentUnreadableError);
    if (unreadable === undefined) return new AggregateError(errors, message);
    const state = this.#sources.reduceRight((held, source) => withState(held, source.state), unreadable.state);
    return new DocumentUnreadableError(message, state, { cause: unreadable });
  }
}

/**
 * A state with what an earlier source is known to say: its kills are added, and where both killed a flag, the kill that ends
 * last holds; its rollouts stand where it says, and its trips are added.
 */
function withState(state: FlagState, earlier: FlagState): FlagState {
  const kills = new Map(state.kills);
  for (const [key, kill] of earlier.kills) {
    const known = kills.get(key);
    if (known === undefined || endOf(kill) > endOf(known)) kills.set(key, kill);
  }
  return {
    kills,
    rollouts: new Map([...state.rollouts, ...earlier.rollouts]),
    trips: new Map([...state.trips, ...earlier.trips]),
  };
}

function endOf({ until = Infinity }: Kill): number {
  return until;
}
