import type { PushListener } from '../change-feed.js';
import type { Query } from './database.js';
import { PgPush } from './pg-push.js';
import type { PgListener, PgliteClient, PgPool } from './postgres-client.js';
import { channelOf, type Place } from './schema.js';

/** How the store is told of changes. */
export interface Push {
  /** Whether changes are told; otherwise they are found by asking. */
  readonly isListening: boolean;
  open(listener: PushListener): { close(): void };
}

/** A connection of its own to listen on: how to reach PostgreSQL, or what makes a client of `pg`. */
export type ListenOption = string | (() => PgListener) | false;

export interface PushOptions {
  readonly place: Place;
  readonly timeoutMs: number;
  readonly query: Query;
  /** Called once, until it listens again, with the reason why it can't. */
  readonly onWarning: (reason: string) => void;
}

/** Nothing is told. */
export const noPush: Push = { isListening: false, open: () => ({ close: () => undefined }) };

/**
 * PGlite tells in this process.
 *
 * @throws TypeError if it is to listen in another way.
 */
export function pglitePush(client: PgliteClient, place: Place, listen: ListenOption | undefined): Push {
  if (listen === false) return noPush;
  if (listen !== undefined) throw new TypeError('postgresStore: option `listen`: PGlite tells of changes itself.');
  let isListening = false;
  const open = (listener: PushListener): { close(): void } => {
    let isOver = false;
    const listening = client.listen(channelOf(place.schema), (payload) => tellVersion(payload, place, listener));
    listening.then(
      () => {
        if (isOver) return;
        isListening = true;
        listener.onReady();
      },
      () => {
        if (!isOver) listener.onLost();
      },
    );
    const close = (): void => {
      isOver = true;
      isListening = false;
      listening.then((end) => end()).catch(() => undefined);
    };
    return { close };
  };
  return {
    open,
    get isListening() {
      return isListening;
    },
  };
}

/** PostgreSQL tells by NOTIFY, on a connection that comes back by itself. */
export function pgPush(makeClient: () => PgListener, { place, timeoutMs, query, onWarning }: PushOptions): Push {
  const channel = channelOf(place.schema);
  let isListening = false;
  let isWarned = false;
  const open = (listener: PushListener): { close(): void } =>
    new PgPush({
      channel,
      timeoutMs,
      makeClient,
      notify: (payload) => query('SELECT pg_notify($1, $2)::text', [channel, payload]),
      reach: () => query('SELECT 1::text'),
      onPayload: (payload) => tellVersion(payload, place, listener),
      onListening: () => {
        isListening = true;
        isWarned = false;
        listener.onReady();
      },
      onSilence: () => (isListening = false),
      onDeaf: (reason) => {
        if (!isWarned) onWarning(reason);
        isWarned = true;
      },
    });
  return {
    open,
    get isListening() {
      return isListening;
    },
  };
}

/**
 * What makes the clients that listen; by default, they are set up as the pool's own. `undefined`: there is to be none, or
 * the pool doesn't say how.
 *
 * @throws TypeError if it can't be done as asked.
 */
export function listenerMaker(pool: PgPool, listen: ListenOption | undefined): (() => PgListener) | undefined {
  if (listen === false || typeof listen === 'function') return listen || undefined;
  const { Client, options = {} } = pool;
  if (Client === undefined && listen !== undefined) {
    throw new TypeError(
      'postgresStore: option `listen`: this pool has no `Client` to connect with. Give a function that makes one, ' +
        'such as `() => new pg.Client(url)`.',
    );
  }
  const settings = listen === undefined ? withPassword(options) : { connectionString: listen };
  return Client && (() => new Client({ keepAlive: true, ...settings }));
}

/** A pool hides its password from being copied. */
function withPassword(options: object): object {
  return 'password' in options ? { ...options, password: options.password } : options;
}

/** Every environment of the schema is told of; tests, which begin with a colon, are nobody's. */
function tellVersion(payload: string, { environment }: Place, listener: PushListener): void {
  const [name, version] = payload.split(' ');
  if (name === environment && version !== undefined) listener.onMessage(version);
}
