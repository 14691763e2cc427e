import { PostgresServer } from '../stores/postgres/postgres-server.js';
import type { WritableWiring, FaultyServer } from './fault-wiring.js';

const password = 'first-word';

export const postgresWiring: WritableWiring = {
  kind: 'postgres',
  isImpatient: true,
  start: async () => {
    const server = await PostgresServer.start();
    await server.sql(`CREATE ROLE shop LOGIN PASSWORD '${password}'; GRANT CREATE ON DATABASE postgres TO shop`);
    const trust = (what: string): string => `host ${what} 127.0.0.1/32 trust`;
    await server.admit(
      'host all shop 127.0.0.1/32 scram-sha-256',
      trust('all postgres'),
      trust('replication postgres'),
    );
    return faultyPostgres(server);
  },
};

function faultyPostgres(server: PostgresServer): FaultyServer {
  return {
    port: server.port,
    url: (port = server.port) => `postgres://shop:${password}@127.0.0.1:${port}/postgres`,
    kill: () => server.kill(),
    restart: () => server.restart(),
    pause: () => server.pause(),
    resume: () => server.resume(),
    empty: async () => {
      await server.kill();
      await server.restart();
      await server.sql('DROP SCHEMA halyard CASCADE');
    },
    garbage: [
      {
        name: 'a document of another format',
        isNoticed: true,
        put: () => server.sql(`UPDATE halyard.documents SET head = '{"version": 7}'`),
      },
      {
        name: 'a row that is no flag',
        isNoticed: false,
        put: () => server.sql(`UPDATE halyard.flags SET definition = '[]' WHERE key = 'round'`),
      },
    ],
    changePassword: async () => {
      await server.sql("ALTER ROLE shop PASSWORD 'second-word'");
      await server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'shop'");
      return () => server.sql(`ALTER ROLE shop PASSWORD '${password}'`);
    },
    startReplica: async (port) => {
      const replica = await server.replica(port);
      const version = 'SELECT lineage, counter FROM halyard.environments';
      return {
        ...faultyPostgres(replica),
        promote: () => replica.sql('SELECT pg_promote()'),
        hasCopied: async () => JSON.stringify(await replica.sql(version)) === JSON.stringify(await server.sql(version)),
      };
    },
    remove: () => server.remove(),
  };
}
