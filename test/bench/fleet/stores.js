/** The stores of the fleet's rows, as a service would open them. Each loads what it needs alone. */

/** What a syncHandler of the benchmark wants to see. */
export const TOKEN = 'the-token-of-the-benchmark';

/**
 * @typedef {object} Place
 * @property {string} url
 * @property {string} environment so that measurements don't meet
 * @property {boolean} [push] `false`: changes are found by asking alone
 */

/** By kind: opens a store on a place. */
const opens = {
  redis: async ({ url, environment, push = true }) => {
    const { Redis } = await import('ioredis');
    const { redisStore } = await import('../../../dist/esm/src/stores/redis/redis-store.js');
    const client = new Redis(push ? url : url.replace('redis://', `redis://${DEAF.name}:${DEAF.password}@`));
    client.on('error', () => undefined);
    return redisStore(client, { environment });
  },
  postgres: async ({ url, environment, push = true }) => {
    const { default: pg } = await import('pg');
    const { postgresStore } = await import('../../../dist/esm/src/stores/postgres/postgres-store.js');
    const pool = new pg.Pool({ connectionString: url, connectionTimeoutMillis: 5_000 });
    pool.on('error', () => undefined);
    return postgresStore(pool, { environment, ...(push ? {} : { listen: false }) });
  },
  http: async ({ url, push = true }) => {
    const { httpStore } = await import('../../../dist/esm/src/index.js');
    return httpStore(url, { token: TOKEN, push });
  },
};

/** @param {keyof typeof opens} kind @param {Place} place */
export const openStore = (kind, place) => opens[kind](place);

/** A user of Redis that hears no channel: the way to switch off what the store has no option for. */
const DEAF = { name: 'deaf', password: 'deaf' };

export async function addDeafUser(url) {
  const { Redis } = await import('ioredis');
  const client = new Redis(url);
  await client.call('ACL', 'SETUSER', DEAF.name, 'on', `>${DEAF.password}`, '~*', '+@all', 'resetchannels');
  await client.quit();
}

/** Milliseconds on the clock that all processes of this machine share: CLOCK_MONOTONIC, which Node reads for `hrtime`. */
export const now = () => Number(process.hrtime.bigint()) / 1e6;

/** A flag that tells how often the document was changed, among others of a common kind. @param {number} flags */
export function documentOf(flags) {
  const other = { description: 'What this flag changes, in a sentence', owner: 'payments-team', rollout: 10 };
  const rule = { rules: [{ when: { country: ['US', 'CA'], plan: ['pro', 'enterprise'] }, serve: 'on' }] };
  const others = Array.from({ length: flags - 1 }, (_, index) => [`flag-${index}`, { ...other, ...rule }]);
  return withEdition(0)({ version: 1, flags: Object.fromEntries(others) });
}

export const withEdition = (edition) => (document) => ({
  ...document,
  flags: { ...document.flags, edition: { variants: { current: edition }, serve: 'current' } },
});
