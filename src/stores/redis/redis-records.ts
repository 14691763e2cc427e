import { parseFlagState, serializeFlagState } from '../../flags/flag-state-text.js';
import { emptyFlagState, type FlagState } from '../../flags/flag-state.js';
import { formatChange, parseChange } from '../change-text.js';
import type { Change } from '../flag-store.js';
import type { Lease } from '../lease-register.js';
import { isNoPermission, RedisStoreError } from './redis-error.js';
import type { RedisKeys } from './redis-keys.js';
import { type KillTexts, writeKill } from './redis-kills.js';
import type { RedisLink } from './redis-link.js';
import { toList, toText } from './redis-reply.js';
import { askScript, endTurnScript, historyScript, readScript, takeTurnScript, writeScript } from './redis-scripts.js';

/** What Redis holds at one moment. */
export interface RedisRecord {
  /** `undefined`: nothing was written yet, or the server was emptied. */
  readonly version: string | undefined;
  /** `undefined`: there is none yet. */
  readonly document: { readonly version: string; readonly text: string } | undefined;
  /** What {@link RedisRecords.ask} says of it. */
  readonly tag: string;
  readonly kills: KillTexts;
  readonly killsDigest: string;
  /** The kills are those that the latest change left: nobody has changed them by hand since. */
  readonly isRecorded: boolean;
  /** The state that the latest change left. */
  readonly recordedState: FlagState;
}

/** A record that is to take another's place. */
export interface RedisWrite {
  readonly change: Change;
  /** Told apart from every other write. */
  readonly id: string;
  readonly state: FlagState;
  /** Keys of kills that end. */
  readonly ended: readonly string[];
  /** The new text; `undefined`: it stays. */
  readonly document: string | undefined;
  /** What it may only be written with; `undefined`: nothing. */
  readonly lease: Lease | undefined;
}

/** How long a turn lasts whose writer has died, in milliseconds. Each attempt of a living one begins it anew. */
const turnMs = 3_000;

/**
 * Reads and writes what a store keeps in Redis, each in one atomic step.
 *
 * Every method rejects with {@link RedisStoreError} if Redis can't be asked, or doesn't answer in time.
 */
export class RedisRecords {
  readonly #link: RedisLink;
  readonly #keys: RedisKeys;
  readonly #historyLength: number;
  #document: RedisRecord['document'];

  /** @param historyLength how many changes are kept */
  constructor(link: RedisLink, keys: RedisKeys, historyLength: number) {
    this.#link = link;
    this.#keys = keys;
    this.#historyLength = historyLength;
  }

  /** A short text that is another whenever anything has changed. */
  async ask(): Promise<string> {
    const { flags, kills } = this.#keys;
    return toText(await this.#link.run(askScript, [flags, kills], [])) ?? '';
  }

  async read(): Promise<RedisRecord> {
    const { flags, kills } = this.#keys;
    const known = this.#document;
    const reply = toList(await this.#link.run(readScript, [flags, kills], [known?.version ?? '']));
    const [version, digest = '', , recordedDigest, state, documentVersion, text] = reply.map(toText);
    const document = documentVersion === undefined ? undefined : { version: documentVersion, text: text ?? '' };
    this.#document = document?.version === known?.version && text === undefined ? known : document;
    return {
      version,
      document: this.#document,
      tag: `${version ?? ''} ${digest}`,
      kills: toMap(toList(reply[2])),
      killsDigest: digest,
      isRecorded: digest === recordedDigest,
      recordedState: parseRecordedState(state),
    };
  }

  /**
   * Takes the place of `expected`, unless that is no longer what Redis holds, or the lease is lost: then nothing is written.
   */
  async write(expected: RedisRecord, write: RedisWrite): Promise<'written' | 'lost' | 'conflict'> {
    const { flags, kills, history, fences, channel } = this.#keys;
    const { change, id, state, ended, document, lease } = write;
    const begun = Array.from(state.kills, ([key, kill]) => [key, writeKill(kill)] as const);
    const reply = await this.#link.run(
      writeScript,
      [flags, kills, history, ...(lease === undefined ? [] : [fences])],
      [
        expected.version ?? '',
        expected.killsDigest,
        change.version,
        JSON.stringify(serializeFlagState(state)),
        // Ahead of the rest, where `parseChange` passes over it.
        `{"id":"${id}",${formatChange(change).slice(1)}`,
        id,
        String(this.#historyLength),
        channel,
        document === undefined ? '0' : '1',
        document ?? '',
        lease?.name ?? '',
        String(lease?.fence ?? ''),
        String(ended.length),
        ...ended,
        ...begun.filter(([key, text]) => expected.kills.get(key) !== text).flat(),
      ],
    );
    const outcome = toText(reply);
    return outcome === 'written' || outcome === 'lost' ? outcome : 'conflict';
  }

  async history(limit: number): Promise<readonly Change[]> {
    const reply = toList(await this.#link.run(historyScript, [this.#keys.history], [String(limit)]));
    return reply.map((text) => parseChange(toText(text) ?? '')).filter((change) => change !== undefined);
  }

  /**
   * Whether a change may go on: no other goes first.
   *
   * @param place where it stands in line, if it does. Then it goes first from now on.
   */
  async takeTurn(place: string | undefined): Promise<boolean> {
    const reply = await this.#link
      .run(takeTurnScript, [this.#keys.turn], [place ?? '', String(turnMs)])
      .catch(passIfRefused);
    return toText(reply) !== 'wait';
  }

  async endTurn(place: string): Promise<void> {
    await this.#link.run(endTurnScript, [this.#keys.turn], [place]);
  }
}

/** A user who has no right to the key of turns writes without them. */
function passIfRefused(error: unknown): undefined {
  if (error instanceof RedisStoreError && error.cause instanceof Error && isNoPermission(error.cause)) return;
  throw error;
}

function parseRecordedState(text: string | undefined): FlagState {
  if (text === undefined) return emptyFlagState;
  try {
    return parseFlagState(JSON.parse(text)).state;
  } catch {
    return emptyFlagState;
  }
}

function toMap(pairs: readonly unknown[]): KillTexts {
  const map = new Map<string, string>();
  for (let index = 0; index + 1 < pairs.length; index += 2) {
    map.set(toText(pairs[index]) ?? '', toText(pairs[index + 1]) ?? '');
  }
  return map;
}
