import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { traceFile } from './file-trace.js';
import { type Place, linkChain } from './link-chain.js';

export interface FileWatcherOptions {
  /** How often the files are looked at where the system tells nothing, in milliseconds. */
  readonly pollMs: number;
  /** How long after the last event the hint is given, in milliseconds: a write in progress gives several events. */
  readonly settleMs: number;
}

/** A file that changed so lately may change again without a trace, where the file system counts time in seconds. */
const coarseClockMs = 2_500;

/**
 * Tells that files may have changed; whoever is told reads them and sees. The system's events come from the folders, of
 * the files and of every link that leads to them, because a file that is replaced takes its own events with it. Network
 * and container mounts give none: there, looking at the files regularly is the net.
 *
 * Nothing in it keeps the process alive.
 */
export class FileWatcher {
  readonly #paths: readonly string[];
  readonly #options: FileWatcherOptions;
  readonly #onHint: () => void;
  readonly #folders = new Map<string, WatchedFolder>();
  #poll: NodeJS.Timeout | undefined;
  #settle: NodeJS.Timeout | undefined;
  #seen: string | undefined;
  /** A mount that hangs lets one look hang, not one a second. */
  #looking = false;
  #attaching: Promise<void> | undefined;
  #closed = false;

  constructor(paths: readonly string[], options: FileWatcherOptions, onHint: () => void) {
    this.#paths = paths;
    this.#options = options;
    this.#onHint = onHint;
  }

  /** Resolves when the system's events are on. */
  async start(): Promise<void> {
    this.#poll = setInterval(() => void this.#look(), this.#options.pollMs).unref();
    await this.#attach();
    // What changed before the events were on is found here.
    await this.#look();
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#poll);
    clearTimeout(this.#settle);
    for (const { watcher } of this.#folders.values()) watcher.close();
    this.#folders.clear();
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      if (await this.#hasChanged()) this.#hint();
    } finally {
      this.#looking = false;
    }
  }

  async #hasChanged(): Promise<boolean> {
    const traces = await Promise.all(this.#paths.map(traceFile));
    const seen = traces.map(({ trace }) => trace).join('\n');
    const isFresh = traces.some(({ changedAt }) => Math.abs(Date.now() - changedAt) < coarseClockMs);
    const isNew = seen !== this.#seen;
    this.#seen = seen;
    return isNew || isFresh;
  }

  #hint(): void {
    if (this.#closed) return;
    clearTimeout(this.#settle);
    this.#settle = setTimeout(() => {
      void this.#attach();
      this.#onHint();
    }, this.#options.settleMs).unref();
  }

  /** One at a time: whoever comes meanwhile waits for the same. */
  #attach(): Promise<void> {
    this.#attaching ??= this.#attachNow().finally(() => {
      this.#attaching = undefined;
    });
    return this.#attaching;
  }

  async #attachNow(): Promise<void> {
    const wanted = namesByFolder((await Promise.all(this.#paths.map(linkChain))).flat());
    const identities = new Map<string, string>();
    for (const folder of wanted.keys()) identities.set(folder, await identityOf(folder));
    if (this.#closed) return;
    for (const [folder, watched] of this.#folders) {
      if (wanted.has(folder) && watched.identity === identities.get(folder)) continue;
      watched.watcher.close();
      this.#folders.delete(folder);
    }
    for (const [folder, names] of wanted) {
      const existing = this.#folders.get(folder);
      if (existing === undefined) this.#watchFolder(folder, identities.get(folder) ?? '', names);
      else this.#folders.set(folder, { ...existing, names });
    }
  }

  #watchFolder(folder: string, identity: string, names: ReadonlySet<string>): void {
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) => {
        if (name === null || this.#folders.get(folder)?.names.has(name) === true) this.#hint();
      });
      watcher.on('error', () => this.#unwatchFolder(folder, watcher));
      this.#folders.set(folder, { watcher, identity, names });
    } catch {
      // The folder is missing, or the system has no watchers left: looking regularly goes on.
    }
  }

  #unwatchFolder(folder: string, watcher: FSWatcher): void {
    watcher.close();
    if (this.#folders.get(folder)?.watcher === watcher) this.#folders.delete(folder);
  }
}

interface WatchedFolder {
  readonly watcher: FSWatcher;
  /** Tells the folder from another that took its place. */
  readonly identity: string;
  readonly names: ReadonlySet<string>;
}

function namesByFolder(places: readonly Place[]): ReadonlyMap<string, ReadonlySet<string>> {
  const byFolder = new Map<string, Set<string>>();
  for (const { folder, name } of places) byFolder.set(folder, (byFolder.get(folder) ?? new Set()).add(name));
  return byFolder;
}

async function identityOf(folder: string): Promise<string> {
  const found = await stat(folder, { bigint: true }).catch(() => undefined);
  return found === undefined ? 'missing' : `${found.dev}:${found.ino}`;
}
