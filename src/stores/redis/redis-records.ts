import { parseFlagState, serializeFlagState } from '../../flags/flag-state-text.js';
import { emptyFlagState, type FlagState } from '../../flags/flag-state.js';
import { formatChange, parseChange } from '../change-text.js';
import type { Change } from '../flag-store.js';
import type { RedisCommands } from './redis-commands.js';
import { plainCause, RedisStoreError } from './redis-error.js';
import type { RedisKeys } from './redis-keys.js';
import { type KillTexts, writeKill } from './redis-kills.js';
import { askScript, historyScript, readScript, type RedisScript, writeScript } from './redis-scripts.js';

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
}

export interface RedisRecordsOptions {
  /** The store's name, for errors. */
  readonly name: string;
  /** How long an answer may take, in milliseconds. */
  readonly timeoutMs: number;
  /** How many changes are kept. */
  readonly historyLength: number;
}

/**
 * Reads and writes what a store keeps in Redis, each in one atomic step.
 *
 * Every method rejects with {@link RedisStoreError} if Redis can't be asked, or doesn't answer in time.
 */
export class RedisRecords {
  readonly #commands: RedisCommands;
  readonly #keys: RedisKeys;
  readonly #options: RedisRecordsOptions;
  #asking: Promise<unknown> | undefined;
  #document: RedisRecord['document'];

  constructor(commands: RedisCommands, keys: RedisKeys, options: RedisRecordsOptions) {
    this.#commands = commands;
    this.#keys = keys;
    this.#options = options;
  }

  /** A short text that is another whenever anything has changed. */
  async ask(): Promise<string> {
    const { flags, kills } = this.#keys;
    // Clients keep what they can't send yet: one question of this kind is enough, however long Redis is away.
    this.#asking ??= this.#commands.run(askScript, [flags, kills], []).finally(() => {
      this.#asking = undefined;
    });
    return toText(await this.#within(this.#asking)) ?? '';
  }

  async read(): Promise<RedisRecord> {
    const { flags, kills } = this.#keys;
    const known = this.#document;
    const reply = toList(await this.#run(readScript, [flags, kills], [known?.version ?? '']));
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

  /** Takes the place of `expected`, unless that is no longer what Redis holds: then nothing is written. */
  async write(expected: RedisRecord, write: RedisWrite): Promise<'written' | 'conflict'> {
    const { flags, kills, history, channel } = this.#keys;
    const { change, id, state, ended, document } = write;
    const begun = Array.from(state.kills, ([key, kill]) => [key, writeKill(kill)] as const);
    const reply = await this.#run(
      writeScript,
      [flags, kills, history],
      [
        expected.version ?? '',
        expected.killsDigest,
        change.version,
        JSON.stringify(serializeFlagState(state)),
        // Ahead of the rest, where `parseChange` passes over it.
        `{"id":"${id}",${formatChange(change).slice(1)}`,
        id,
        String(this.#options.historyLength),
        channel,
        document === undefined ? '0' : '1',
        document ?? '',
        String(ended.length),
        ...ended,
        ...begun.filter(([key, text]) => expected.kills.get(key) !== text).flat(),
      ],
    );
    return toText(reply) === 'written' ? 'written' : 'conflict';
  }

  async history(limit: number): Promise<readonly Change[]> {
    const reply = toList(await this.#run(historyScript, [this.#keys.history], [String(limit)]));
    return reply.map((text) => parseChange(toText(text) ?? '')).filter((change) => change !== undefined);
  }

  #run(script: RedisScript, keys: readonly string[], parameters: readonly string[]): Promise<unknown> {
    return this.#within(this.#commands.run(script, keys, parameters));
  }

  async #within<Reply>(reply: Promise<Reply>): Promise<Reply> {
    const { name, timeoutMs } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      const message = `${name}: Redis did not answer within ${timeoutMs} ms (timeoutMs).`;
      timer = setTimeout(() => reject(new RedisStoreError(message)), timeoutMs).unref();
    });
    try {
      return await Promise.race([reply, timeout]);
    } catch (error) {
      if (error instanceof RedisStoreError) throw error;
      const cause = plainCause(error);
      throw new RedisStoreError(`${name}: ${cause.message}`, { cause });
    } finally {
      clearTimeout(timer);
    }
  }
}

function parseRecordedState(text: string | undefined): FlagState {
  if (text === undefined) return emptyFlagState;
  try {
    return parseFlagState(JSON.parse(text)).state;
  } catch {
    return emptyFlagState;
  }
}

function toList(reply: unknown): readonly unknown[] {
  return Array.isArray(reply) ? reply : [];
}

/** A client may be set up to give bytes. */
function toText(reply: unknown): string | undefined {
  return typeof reply === 'string' ? reply : Buffer.isBuffer(reply) ? reply.toString('utf8') : undefined;
}

function toMap(pairs: readonly unknown[]): KillTexts {
  const map = new Map<string, string>();
  for (let index = 0; index + 1 < pairs.length; index += 2) {
    map.set(toText(pairs[index]) ?? '', toText(pairs[index + 1]) ?? '');
  }
  return map;
}
