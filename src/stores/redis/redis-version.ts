import { randomBytes } from 'node:crypto';

/**
 * The version after `version`, in a new lineage if there is none. Its counter is the time, in milliseconds since the
 * epoch, or one more than before. A server that loses its latest changes, at a failover or by a crash, goes back to an
 * older counter; counting on from there would soon give a version again that other processes know as something else.
 */
export function nextVersion(version: string | undefined, now: number): string {
  const counter = counterOf(version ?? '');
  if (version === undefined || counter === undefined) return `redis-${randomBytes(4).toString('hex')}:${now}`;
  return `${version.slice(0, version.lastIndexOf(':'))}:${Math.max(counter + 1, now)}`;
}

/** When the latest change was made, in milliseconds since the epoch, as far as a version tells. */
export function counterOf(version: string): number | undefined {
  const counter = Number(/:(\d+)$/.exec(version)?.[1]);
  return Number.isSafeInteger(counter) ? counter : undefined;
}
