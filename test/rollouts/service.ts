import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler } from 'express';
import { createHalyard, createRolloutController, type Logger, prometheusHealth, type RolloutNotice } from 'halyard';
import { flags } from 'halyard/express';
import { postgresStore } from 'halyard/stores/postgres';
import { Pool } from 'pg';
import { Registry } from 'prom-client';

/**
 * A service as a user would write it, with a controller that may lead. It tells its parent its port, and ends with it.
 * It gets its settings as JSON.
 */
export interface ServiceSettings {
  readonly postgres: string;
  readonly prometheus: string;
}

const { postgres, prometheus } = JSON.parse(process.argv[2] ?? '{}') as ServiceSettings;
process.on('disconnect', () => process.exit());

const silent = (): void => undefined;
const logger: Logger = { debug: silent, info: silent, warn: silent, error: silent };
const registry = new Registry();
const pool = new Pool({ connectionString: postgres, connectionTimeoutMillis: 5_000 });
const halyard = await createHalyard({ store: postgresStore(pool, { environment: 'rollouts' }), registry, logger });

const notices: RolloutNotice[] = [];
const controller = createRolloutController(halyard, {
  health: prometheusHealth({ url: prometheus, selector: 'job="shop"', scrapeSeconds: 1, settleSeconds: 1 }),
  intervalSeconds: 4,
  leaseSeconds: 3,
  notify: (notice) => notices.push(notice),
}).start();

const app = express();
app.use(flags(halyard, { context: (request) => ({ targetingKey: request.get('x-user') ?? '' }) }));
app.get('/good', (request, response) => void response.json(request.flags.boolean('good', false)));
app.get('/bad', (request, response) => {
  if (request.flags.boolean('bad', false) && Math.random() < 0.2) throw new Error('the new version is broken');
  response.json('fine');
});
app.get('/metrics', async (_request, response) => void response.send(await registry.metrics()));
app.get('/state', (_request, response) => {
  const users = Array.from({ length: 500 }, (_, user) => ({ targetingKey: `user-${user}` }));
  const state: ServiceState = {
    isLeading: controller.isLeading,
    rollouts: Object.fromEntries(
      halyard.rollouts().map(({ flagKey, status, percentage, decision }) => [
        flagKey,
        {
          status,
          percentage,
          reason: decision?.reason ?? '',
          usersIn: users.filter((user) => halyard.boolean(flagKey, false, user)).length,
        },
      ]),
    ),
    notices: notices.map(({ type, flagKey }) => `${flagKey}: ${type}`),
  };
  response.json(state);
});
// Express would print what it answers.
const answerWithoutLogging: ErrorRequestHandler = (error, _request, response, next) => {
  if (response.headersSent) next(error);
  else response.status(500).end();
};
app.use(answerWithoutLogging);

/** What a test sees of it. */
export interface ServiceState {
  readonly isLeading: boolean;
  readonly rollouts: Readonly<
    Record<
      string,
      { readonly status: string; readonly percentage: number; readonly reason: string; readonly usersIn: number }
    >
  >;
  readonly notices: readonly string[];
}

const server = createServer(app).listen(0, '127.0.0.1', () => {
  process.send?.((server.address() as AddressInfo).port);
});
