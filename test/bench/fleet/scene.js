/** A store with one that writes, and those that follow, each in a process of its own. */
import { randomUUID } from 'node:crypto';
import { answerOf, startChild } from '../children/measure-in-child.js';

const LONGEST_MS = 20_000;

/**
 * The kinds that are measured. `relay` is what carries a large fleet: the flags are in PostgreSQL, one process serves them,
 * and the instances read from it.
 */
export const KINDS = {
  redis: { title: 'Redis (ioredis)', server: 'redis', instance: 'redis' },
  postgres: { title: 'PostgreSQL', server: 'postgres', instance: 'postgres' },
  http: { title: 'HTTP', server: undefined, instance: 'http' },
  relay: { title: 'HTTP, by a relay on PostgreSQL', server: 'postgres', instance: 'http' },
};

/** Opens what a kind needs, calls `action`, and ends all of it. */
export async function withScene(kind, servers, flags, action) {
  const { server, instance } = KINDS[kind];
  const children = [];
  const start = (script, args) => {
    const child = startChild(script, args);
    children.push(child);
    return child;
  };
  const place = { url: server && servers[server].url, environment: randomUUID() };
  try {
    const writer = start('fleet-writer.js', [server ?? 'http', JSON.stringify(place), `${flags}`]);
    const { url, bytes } = await answerOf(writer);
    const relay = kind === 'relay' ? start('fleet-relay.js', [server, JSON.stringify(place)]) : undefined;
    const target = relay === undefined ? url : (await answerOf(relay)).url;
    return await action({
      bytes,
      relay,
      url: target,
      /** Changes a flag. @returns when `update` had resolved */
      change: async (edition) => (await answerOf(writer, { edition })).at,
      /** One more process that follows. */
      follow: async (more = {}, halyard = {}) => {
        const where = JSON.stringify({ ...place, url: target, ...more });
        const child = start('fleet-instance.js', [instance, where, JSON.stringify(halyard)]);
        return new Instance(child, await answerOf(child));
      },
      start,
    });
  } finally {
    for (const child of children) child.kill();
  }
}

/** A process that follows. */
class Instance {
  constructor(child, { readyMs, edition }) {
    this.child = child;
    this.readyMs = readyMs;
    this.edition = edition;
    this.at = undefined;
    this.onEdition = () => undefined;
    child.on('message', (message) => {
      Object.assign(this, message);
      this.onEdition();
    });
  }

  /** When its evaluation gave this edition first. */
  saw(edition) {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (this.edition !== edition) return;
        clearTimeout(timer);
        resolve(this.at);
      };
      const timer = setTimeout(() => reject(new Error(`Edition ${edition} did not arrive.`)), LONGEST_MS);
      this.onEdition = look;
      look();
    });
  }
}
