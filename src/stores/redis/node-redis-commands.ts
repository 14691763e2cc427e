import type {
  RedisCommands,
  ScriptConnection,
  ScriptRunner,
  Subscription,
  SubscriptionListener,
} from './redis-commands.js';
import { runScript } from './run-script.js';

interface ScriptInput {
  keys: string[];
  arguments: string[];
}

interface Scripting {
  eval(script: string, input: ScriptInput): Promise<unknown>;
  evalSha(sha1: string, input: ScriptInput): Promise<unknown>;
}

/** A client of node-redis 4 or newer: of `createClient` or `createCluster`. It must be connected. */
export interface NodeRedisClient extends Scripting {
  duplicate(): object;
}

/** What `duplicate` gives. */
interface Connection extends Scripting {
  on(event: 'connect' | 'ready' | 'error' | 'reconnecting' | 'end', listener: () => void): unknown;
  connect(): Promise<unknown>;
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
  /** Not on a cluster. */
  unref?(): void;
  /** From 5 on. */
  destroy?(): void;
  /** Up to 4. */
  disconnect?(): Promise<unknown>;
}

export function nodeRedisCommands(client: NodeRedisClient): RedisCommands {
  return {
    ...runner(client),
    connect: () => connect(client.duplicate() as Connection),
    subscribe: (channel, listener) => subscribe(client.duplicate() as Connection, channel, listener),
  };
}

function runner(client: Scripting): ScriptRunner {
  return {
    run: (script, keys, parameters) => {
      const input = { keys: [...keys], arguments: [...parameters] };
      return runScript(
        script,
        (sha1) => client.evalSha(sha1, input),
        (text) => client.eval(text, input),
      );
    },
  };
}

function connect(connection: Connection): ScriptConnection {
  const { close } = open(connection, { onReady: () => undefined, onLost: () => undefined });
  return { ...runner(connection), close };
}

function subscribe(connection: Connection, channel: string, listener: SubscriptionListener): Subscription {
  const { close, opened, lose } = open(connection, listener);
  const start = async (): Promise<void> => {
    await opened;
    await connection.subscribe(channel, (message) => listener.onMessage(message));
  };
  start().catch(lose);
  return { close };
}

interface Opening {
  readonly opened: Promise<unknown>;
  readonly close: () => void;
  readonly lose: () => void;
}

/** Connects, and comes back by itself after the network was away. */
function open(connection: Connection, { onReady, onLost }: Omit<SubscriptionListener, 'onMessage'>): Opening {
  let isOver = false;
  // Ended while it connects, node-redis connects all the same, and then can't be ended any more.
  let isConnecting = true;
  let attempt = 1;
  // In a turn of its own: ended by whoever is just being told something, node-redis 4 would find nobody waiting for the
  // other answers that came with it, and throw where nobody can catch it. Meanwhile it may have begun to connect again.
  const endSoon = (): void => {
    setImmediate(() => {
      if (!isConnecting) void end(connection);
    });
  };
  const settle = (): void => {
    isConnecting = false;
    if (isOver) endSoon();
  };
  const close = (): void => {
    isOver = true;
    endSoon();
  };
  const lose = (): void => {
    if (isOver) return;
    close();
    onLost();
  };
  connection.on('reconnecting', () => {
    isConnecting = true;
    attempt += 1;
  });
  connection.on('error', settle);
  // A server that hangs accepts, and says nothing more: whoever waits for `ready` waits for ever. Ended at this very
  // moment, node-redis 4 would leave rejections that nobody handles.
  connection.on('connect', () => {
    const accepted = attempt;
    setImmediate(() => {
      if (attempt === accepted) settle();
    }).unref();
  });
  connection.on('ready', () => {
    settle();
    onReady();
  });
  connection.on('end', lose);
  const opened = connection.connect().then(() => connection.unref?.());
  opened.catch(lose);
  return { opened, close, lose };
}

async function end(connection: Connection): Promise<void> {
  try {
    if (connection.destroy === undefined) await connection.disconnect?.();
    else connection.destroy();
  } catch {
    // It was not open.
  }
}
