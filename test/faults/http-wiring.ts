import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { FaultWiring, FaultyServer, Garbage, WritableWiring } from './fault-wiring.js';
import { openWritable, token, type WritableKind } from './open-store.js';
import { RelayProcess } from './relay-process.js';

/** A service that follows another Halyard, and that one is broken. It follows a database, which isn't. */
export function httpWiring(database: WritableWiring): FaultWiring {
  return {
    kind: 'http',
    name: 'http',
    // It is asked ever less often: that is no matter of the driver's.
    isImpatient: false,
    isReadOnly: true,
    start: async () => faultyRelay(database.kind, await database.start()),
  };
}

/** The same, but the database is broken, and the Halyard in between goes on. */
export function chainWiring(database: WritableWiring): FaultWiring {
  return {
    ...httpWiring(database),
    isServerAlone: true,
    name: `http, relayed from ${database.kind}`,
    start: async () => {
      const server = await database.start();
      const relay = await RelayProcess.start(database.kind, server.url());
      const { startReplica: _, ...faults } = server;
      return {
        ...faults,
        ...faceOf(relay),
        ...writerOf(database.kind, server),
        remove: () => removeBoth(relay, server),
      };
    },
  };
}

async function faultyRelay(kind: WritableKind, database: FaultyServer): Promise<FaultyServer> {
  const relay = await RelayProcess.start(kind, database.url());
  return {
    ...faceOf(relay),
    ...writerOf(kind, database),
    copiedFrom: database.port,
    kill: () => relay.kill(),
    restart: () => relay.restart(),
    pause: () => relay.pause(),
    resume: () => relay.resume(),
    empty: async () => {
      await relay.kill();
      await database.empty();
      await relay.restart();
    },
    garbage: [
      inPlaceOf(relay, 'another service on that port', 'text/html', '<h1>It works!</h1>'),
      inPlaceOf(relay, 'lines that are no flags', 'application/x-ndjson', '{"format":1,"lines":'),
    ],
    changePassword: async () => {
      await relay.changeToken('the-second-token-of-the-tests');
      return () => relay.changeToken(token);
    },
    startReplica: async (port) => {
      const copy = await database.startReplica?.(port);
      if (copy === undefined) throw new Error('The database has no replicas.');
      const { promote, hasCopied } = copy;
      return { ...(await faultyRelay(kind, copy)), promote, hasCopied };
    },
    remove: () => removeBoth(relay, database),
  };
}

/** How a service reaches it. */
function faceOf({ port }: RelayProcess): Pick<FaultyServer, 'port' | 'url'> {
  return { port, url: (through = port) => `http://127.0.0.1:${through}/halyard` };
}

/** What is served is written in the database. */
function writerOf(kind: WritableKind, database: FaultyServer): Pick<FaultyServer, 'openWriter'> {
  return { openWriter: () => openWritable(kind, database.url()) };
}

async function removeBoth(relay: RelayProcess, database: FaultyServer): Promise<void> {
  await relay.kill();
  await database.remove();
}

function inPlaceOf(relay: RelayProcess, name: string, type: string, body: string): Garbage {
  let impostor: Server | undefined;
  return {
    name,
    isNoticed: true,
    put: async () => {
      await relay.kill();
      impostor = createServer((_request, response) => response.setHeader('Content-Type', type).end(body));
      await once(impostor.listen(relay.port, '127.0.0.1'), 'listening');
    },
    clear: async () => {
      impostor?.close().closeAllConnections();
      await relay.restart();
    },
  };
}
